import { beginsToken } from './boundary.ts';
import type { Detector, Layer, Match, Report, RunDetector } from './match.ts';
import { isStandIn } from './placeholder.ts';
import { entropy, wordiness } from './randomness.ts';
import type { Rule } from './rules/rule.ts';
import { past } from './sticky.ts';

/** A rule of a table, ready to be tried. Its regular expression is compiled when a keyword is first seen. */
export function ruleDetector(rule: Rule, layer: Layer): Detector {
  const search = searcher(rule, layer);
  return {
    keywords: rule.keywords.map((keyword) => keyword.toLowerCase()),
    probe(text, start, end, report) {
      if (!rule.inside && !beginsToken(text, start)) return;
      const match = search(text, start);
      if (match) report(match);
      if (rule.inside || layer !== 'provider') return;
      if (!match || isLineBreak(text, match.end)) searchWrapped(search, text, start, end, match, report);
    },
  };
}

/** A rule without keywords: it is tried at the start of long runs of token characters. */
export function runRuleDetector(rule: Rule, layer: Layer): RunDetector {
  const search = searcher(rule, layer);
  return (text, start, _end, report) => {
    const match = search(text, start);
    if (match) report(match);
  };
}

type Search = (text: string, at: number) => Match | undefined;

function searcher(rule: Rule, layer: Layer): Search {
  let pattern: RegExp | undefined;
  const why = `has the form of ${rule.id}`;
  return (text, at) => {
    pattern ??= new RegExp(rule.pattern, `${rule.pattern.flags}dy`);
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    const groups = found?.indices?.groups;
    const [start, end] = groups?.secret ?? found?.indices?.[0] ?? [0, 0];
    if (end === start) return undefined;
    const match = { start: groups?.head?.[0] ?? start, end, rule: rule.id, layer, why };
    return passes(rule, text.slice(match.start, end)) ? match : undefined;
  };
}

function passes(rule: Rule, secret: string): boolean {
  if (/[xX]{8}|\*{4}|•{4}/.test(secret)) return false;
  if (rule.guess && isStandIn(secret)) return false;
  return rule.entropy === undefined || (entropy(secret) > rule.entropy && wordiness(secret) < 0.5);
}

const lineBreak = /\\?\r?\n[ \t]{0,40}/y;
const mostLines = 4;
const longestPiece = 200;

function isLineBreak(text: string, at: number): boolean {
  return past(lineBreak, text, at) !== undefined;
}

/** The piece of a token that a line holds, and where it stands in the token. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

/**
 * Tries again over a token that a terminal or a writer broke into lines. When its first line is a token by itself (`direct`),
 * the next line must look like the rest of one: it may as well be the next setting of a file.
 */
function searchWrapped(
  search: Search,
  text: string,
  start: number,
  end: number,
  direct: Match | undefined,
  report: Report,
): void {
  const pieces = piecesFrom(text, start, end);
  const next = pieces[1];
  if (!next || (direct && !isRest(text, next))) return;
  const match = search(pieces.map((piece) => text.slice(piece.start, piece.end)).join(''), 0);
  if (!match || match.end <= next.offset) return;
  for (const [index, piece] of pieces.entries()) {
    const until = Math.min(piece.end, piece.start + match.end - piece.offset);
    if (until > piece.start) report({ ...match, start: piece.start, end: until, ...(index > 0 ? { rest: true } : {}) });
  }
}

function piecesFrom(text: string, start: number, keywordEnd: number): Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  for (let at = start; pieces.length < mostLines; at = lineBreak.lastIndex) {
    let end = at;
    while (end - at < longestPiece && isPieceAt(text, end)) end++;
    if (end === at || end < keywordEnd + 4) break;
    pieces.push({ start: at, end, offset });
    offset += end - at;
    if (!isLineBreak(text, end)) break;
  }
  return pieces;
}

/** Visible ASCII, but no quotation marks, brackets or backslash. */
function isPieceAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code > 32 && code < 127 && !'"\'`<>()[]{}\\'.includes(text.charAt(at));
}

function isRest(text: string, piece: Piece): boolean {
  const content = text.slice(piece.start, piece.end);
  return /^[\w.+/=-]+$/.test(content) && /\d/.test(content) && wordiness(content) < 0.4 && !/^\w+=./.test(content);
}
