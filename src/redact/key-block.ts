import type { Detector, Match, Report } from './match.ts';

const longest = 65_536;
const begin =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----/y;
const end = /-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 ENCRYPTED PRIVATE KEY ----/g;

/** What a reader, a diff or a quotation puts before each line: a line number, a sign, white space. */
const margin = /^[ \t]*(?:\d{1,7}[ \t]?[→:|\t][ \t]?)?(?:[+\-> |#*][ \t]*)?/;
const body = /[A-Za-z0-9+/=]{16}/;
const bodyLine = /^(?:[\w-]+: .*|[A-Za-z0-9+/=]{1,80}|)[ \t]*$/;

/**
 * Finds private keys in PEM, OpenSSH, PGP and SSH2 armour, on one line with escaped line ends or on many.
 * The margins of the lines stay, so that a diff remains a diff. A block that was cut off ends with its last line of base64.
 */
export const keyBlocks: Detector = {
  keywords: ['-----begin ', '---- begin ssh2 '],
  probe(text, start, _end, report) {
    begin.lastIndex = start;
    if (!begin.test(text)) return;
    const from = begin.lastIndex;
    const to = whole(text, from) ?? cutOff(text, from);
    if (to !== undefined && body.test(text.slice(from, to))) reportLines(text, start, to, report);
  },
};

function whole(text: string, from: number): number | undefined {
  end.lastIndex = from;
  const window = text.length > from + longest ? text.slice(0, from + longest) : text;
  const found = end.exec(window);
  return found ? end.lastIndex : undefined;
}

/** The end of the lines of base64 that follow, when the end of the block is missing. */
function cutOff(text: string, from: number): number | undefined {
  const escaped = /^(?:\\+[nr]|[A-Za-z0-9+/=]){16,}/.exec(text.slice(from, from + longest));
  if (escaped) return from + escaped[0].length;
  let to: number | undefined;
  let at = text.indexOf('\n', from) + 1;
  while (at > 0 && at < from + longest) {
    const next = text.indexOf('\n', at);
    const line = text.slice(at, next < 0 ? text.length : next).replace(/\r$/, '');
    if (!bodyLine.test(line.replace(margin, ''))) break;
    to = at + line.length;
    at = next + 1;
  }
  return to;
}

function reportLines(text: string, start: number, end: number, report: Report): void {
  let at = start;
  for (const line of text.slice(start, end).split('\n')) {
    const content = line.replace(/\r$/, '');
    const skipped = at === start ? 0 : lineStart(content);
    const match: Match = {
      start: at + skipped,
      end: at + content.length,
      rule: 'private-key',
      layer: 'key',
      why: 'is a block with a private key',
    };
    if (match.end > match.start) report(at === start ? match : { ...match, rest: true });
    at += line.length + 1;
  }
}

function lineStart(line: string): number {
  const closing = line.lastIndexOf('-----END ');
  return closing >= 0 ? closing : (margin.exec(line)?.[0].length ?? 0);
}
