import { Decompress } from 'fzstd';
import { reason, SpecstoryError } from '../../core/errors.ts';

/** Compressed bytes handed to the decompressor at a time: even the most extreme data stays at 128 MiB. */
const piece = 4096;

/** Whether bytes begin as a Zstandard frame does. */
export function isZstd(bytes: Uint8Array): boolean {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
}

/** The content of a compressed file, piece by piece. Throws `unavailable` when it is damaged; a cut end is left out. */
export function* unzstd(chunks: Iterable<Uint8Array>, path: string): Generator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const stream = new Decompress((data) => ready.push(data));
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += piece) {
      // A copy, because what is not yet used is kept and the host uses its buffer again.
      push(stream, new Uint8Array(chunk.subarray(at, at + piece)), path);
      yield* ready.splice(0);
    }
  }
}

function push(stream: Decompress, bytes: Uint8Array, path: string): void {
  try {
    stream.push(bytes);
  } catch (cause) {
    throw new SpecstoryError('unavailable', `cannot read ${path}: damaged compressed data (${reason(cause)})`, {
      hint: 'Codex compresses old sessions itself; restore the file from a backup to capture it.',
      cause,
    });
  }
}
