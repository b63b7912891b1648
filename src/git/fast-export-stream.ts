/** One line of a `git fast-export` (its text, and its bytes with the end), or the content that follows a `data` line. */
export type ExportItem = { readonly line: string; readonly bytes: Buffer } | { readonly data: Buffer };

/** Takes the stream of a `git fast-export` apart. */
export function* exportItems(stream: Buffer): Generator<ExportItem> {
  for (let at = 0; at < stream.length; ) {
    const found = stream.indexOf(10, at);
    const end = found < 0 ? stream.length : found;
    const line = stream.toString('utf8', at, end);
    const bytes = stream.subarray(at, end + 1);
    at = end + 1;
    const size = /^data (\d+)$/.exec(line)?.[1];
    if (size === undefined) yield { line, bytes };
    else {
      yield { data: stream.subarray(at, at + Number(size)) };
      at += Number(size);
    }
  }
}

/** Content as it stands in such a stream. */
export function dataSection(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`data ${data.length}\n`), data]);
}
