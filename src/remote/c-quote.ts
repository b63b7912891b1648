const controls: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** A value of an `option` line: git quotes it as C would when it holds unusual bytes (`quote_c_style`). Nothing when the quotes do not close. */
export function unquote(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  if (!/^"(?:[^"\\]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*"$/.test(text)) return undefined;
  const bytes: Buffer[] = [];
  for (const [piece, code] of text.slice(1, -1).matchAll(/[^\\]+|\\([0-3][0-7]{2}|.)/gs)) {
    if (code === undefined) bytes.push(Buffer.from(piece));
    else bytes.push(Buffer.of(controls[code] ?? Number.parseInt(code, 8)));
  }
  return Buffer.concat(bytes).toString('utf8');
}
