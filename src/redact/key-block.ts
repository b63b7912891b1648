import type { Detector, Match, Report } from './match.ts';

const longest = 65_536;
const begin =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----/y;
const end =
  /[^\r\n]{0,20}?(?:-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 ENCRYPTED PRIVATE KEY ----)/y;

/** What a reader, a diff or a quotation puts before each line: a line number, a sign, white space. */
const margin = /^[ \t]*(?:\d{1,7}[ \t]?[→:|\t][ \t]?)?(?:[+\-> |#*][ \t]*)?/;
const body = /[A-Za-z0-9+/=]{16}/;
/** A line of base64 or of armour headers, perhaps inside a string of a program. */
const bodyLine = /^(?:["'`]?[A-Za-z0-9+/=]{0,512}[\\"'`,;+ \t]{0,8}|[A-Z][\w-]{2,30}: .{0,100})$/;

/**
 * Finds private keys in PEM, OpenSSH, PGP and SSH2 armour, on one line with escaped line ends or on many.
 * The margins of the lines stay, so that a diff remains a diff. A block that was cut off ends with its last line of base64;
 * so does one whose end is somewhere behind other text.
 */
export const keyBlocks: Detector = {
  keywords: ['-----begin ', '---- begin ssh2 '],
  probe(text, start, _end, report) {
    begin.lastIndex = start;
    if (!begin.test(text)) return;
    const from = begin.lastIndex;
    const { whole, solid } = bodyOf(text.slice(from, from + longest));
    end.lastIndex = from + whole;
    const to = end.test(text) ? end.lastIndex : from + solid;
    if (solid > 0) reportLines(text, start, to, report);
  },
};

/** How much of a text is the body of a key: all lines that may be, and those up to the last with enough base64 in it. */
function bodyOf(text: string): { whole: number; solid: number } {
  const spaced = /^[A-Za-z0-9+/= ]{16,}(?=-----END )/.exec(text)?.[0];
  if (spaced && body.test(spaced)) return { whole: spaced.length, solid: spaced.length };
  let whole = 0;
  let solid = 0;
  for (const [line] of text.matchAll(/(?:(?!\\+[nr])[^\r\n])*(?:(?:\\+[nr])+|\r?\n|\r|$)/g)) {
    const content = line.replace(/(?:(?:\\+[nr])+|\r?\n|\r)$/, '');
    if (line === '' || !bodyLine.test(content.replace(margin, ''))) break;
    if (body.test(content)) solid = whole + content.length;
    whole += line.length;
  }
  return { whole, solid };
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
