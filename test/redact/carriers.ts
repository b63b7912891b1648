/** Where a text with a secret may stand. Each gives texts of a transcript that hold `text` in some form. */
export interface Carrier {
  readonly name: string;
  readonly carry: (text: string) => string;
  /** Whether the secret can still be read off. */
  readonly shows: (out: string, secret: string) => boolean;
  /** It rewrites the text in a way that only a secret with a form of its own survives. */
  readonly breaksContext?: boolean;
}

const shows = (out: string, secret: string) => out.includes(secret);
const showsAs = (form: (secret: string) => string) => (out: string, secret: string) =>
  out.includes(secret) || out.includes(form(secret));
const base64 = (text: string) => Buffer.from(text).toString('base64');
const hex = (text: string) => Buffer.from(text).toString('hex');
const json = (text: string) => JSON.stringify(text);
const percent = (text: string) => encodeURIComponent(text);
const unicode = (text: string) =>
  text.replace(/[^A-Za-z0-9 ]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
const html = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;').replaceAll('<', '&lt;');
const prose = 'The quick brown fox jumps over the lazy dog, and then it writes a test. ';

export const carriers: readonly Carrier[] = [
  { name: 'the text itself', carry: (text) => text, shows },
  { name: 'title', carry: (text) => `Fix the login with ${text}`, shows },
  { name: 'prose in brackets', carry: (text) => `I think (${text}) is wrong.\nNext line.`, shows },
  { name: 'code fence', carry: (text) => `Run this:\n\n\`\`\`sh\n${text}\n\`\`\`\n`, shows },
  { name: 'inline code', carry: (text) => `Use \`${text}\` here`, shows },
  { name: 'tool output with line numbers', carry: (text) => `     1→# settings\n     2→${text}\n     3→end\n`, shows },
  { name: 'diff', carry: (text) => `@@ -1,2 +1,2 @@\n-old line\n+${text}\n context\n`, shows },
  { name: 'CRLF', carry: (text) => `first\r\n${text}\r\nlast\r\n`, shows },
  { name: 'quotation', carry: (text) => `> ${text}\n> more\n`, shows },
  { name: 'table', carry: (text) => `| name | value |\n|---|---|\n| a | ${text} |\n`, shows },
  { name: 'terminal colours', carry: (text) => `\u001b[32m${text}\u001b[0m done`, shows },
  { name: 'JSON string', carry: (text) => `{"output":${json(text)},"ok":true}`, shows },
  { name: 'JSON in JSON', carry: (text) => json(`{"output":${json(`line\n${text}\nline`)}}`), shows },
  { name: 'percent-encoding', carry: (text) => `https://a.example/x?q=${percent(text)}&b=1`, shows: showsAs(percent) },
  { name: 'unicode escapes', carry: (text) => `"${unicode(text)}"`, shows: showsAs(unicode) },
  { name: 'HTML', carry: (text) => `<td>${html(text)}</td>`, shows },
  {
    name: 'base64',
    carry: (text) => `data ${base64(`config: ${text}\n`)} end`,
    shows: (out) => /data [\w+/=]{16}/.test(out),
  },
  { name: 'hex', carry: (text) => `0000 ${hex(`config: ${text}\n`)}`, shows: showsAs(hex) },
  {
    name: 'end of a chunk',
    carry: (text) => `${prose.repeat(113).slice(0, 8180)}\n${text}\n${prose.repeat(20)}`,
    shows,
  },
  {
    name: 'across chunks of one long line',
    carry: (text) => `${prose.repeat(120).slice(0, 8192 - Math.min(30, text.length >> 1))} ${text} ${prose.repeat(20)}`,
    shows,
  },
  { name: 'file name', carry: (text) => `/tmp/dump/${text}`, shows, breaksContext: true },
  {
    name: 'lines cut by a terminal',
    carry: (text) => `$ cat x\n${text.replace(/(?<=^.{24,}?[A-Za-z0-9]{6})(?=[A-Za-z0-9]{6})/, '\n')}\n$ `,
    // Of a token of any length only the part on the first line is sure to go.
    shows: (out, secret) => shows(out.replaceAll('\n', ''), secret),
    breaksContext: true,
  },
];
