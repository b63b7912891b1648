import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { writeError } from '../../platform/file-error.ts';
import { Body, BodyProblem } from '../body.ts';
import { Refusal } from '../refusal.ts';
import { Turns } from '../repositories/turns.ts';

/** What is held in memory of a body while the rest of it comes, and up to what it may be read beside others. */
const most = { inMemory: 1 << 20, beside: 16 << 20 } as const;
/** Bodies of up to `beside` bytes that are read at once. */
const lanes = 3;
/** Bodies that may wait in files: what one client after another sends must not fill the disk. */
const mostFiles = 32;
/** Unpacked bytes for each that was sent: text packs to a tenth, what is made to fill a disk to a thousandth. */
const ratio = 200;
const time = { idle: 60_000, wall: 900_000 } as const;

/** A body that came, unpacked. */
interface Spooled {
  readonly size: number;
  bytes(): Promise<Buffer>;
  remove(): Promise<void>;
}

/**
 * Takes bodies that may be large: what is more than a MiB waits in a file of the data folder, unpacked, and only few of those are read into
 * memory at a time, one when it is above 16 MiB. So memory follows the largest body that policy lets in, not the number of clients.
 */
export class Spool {
  private readonly folder: string;
  private readonly bytes: number;
  private readonly turns = new Turns();
  private count = 0;
  private files = 0;

  /** `bytes` is the most that a body may be, unpacked. Files that a crash left are removed. */
  constructor(data: string, bytes: number) {
    this.folder = path.join(data, 'receiving');
    this.bytes = bytes;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(this.folder)) rmSync(path.join(this.folder, name), { force: true });
    } catch (thrown) {
      throw writeError(this.folder, thrown);
    }
  }

  /** Does something with a body, once it is there and its turn has come. Throws `Refusal`. */
  async with<T>(incoming: IncomingMessage, work: (bytes: Buffer) => Promise<T>): Promise<T> {
    const spooled = await this.take(incoming);
    const read = async (): Promise<T> => work(await spooled.bytes());
    try {
      if (spooled.size <= most.inMemory) return await read();
      const lane = spooled.size > most.beside ? 'large' : `lane ${this.count++ % lanes}`;
      return await this.turns.take(lane, read);
    } finally {
      await spooled.remove();
    }
  }

  private async makeFile(): Promise<SpoolFile> {
    if (this.files >= mostFiles)
      throw new Refusal('unavailable', 'too many large sessions are on their way', { retryAfter: 5 });
    this.files++;
    try {
      return await SpoolFile.make(this.folder, () => void this.files--);
    } catch (thrown) {
      this.files--;
      throw writeError(this.folder, thrown);
    }
  }

  private async take(incoming: IncomingMessage): Promise<Spooled> {
    let file: SpoolFile | undefined;
    try {
      const body = new Body(incoming, { bytes: this.bytes, ratio, ...time });
      let held: Uint8Array[] = [];
      let size = 0;
      for (let piece = await body.next(); piece; piece = await body.next()) {
        held.push(piece);
        size += piece.length;
        if (size <= most.inMemory) continue;
        file ??= await this.makeFile();
        await file.write(held);
        held = [];
      }
      return file ? file.spooled(size) : { size, bytes: async () => Buffer.concat(held), remove: async () => {} };
    } catch (thrown) {
      await file?.remove();
      throw thrown instanceof BodyProblem ? refusalOf(thrown) : thrown;
    }
  }
}

class SpoolFile {
  private readonly gone: () => void;
  private readonly file: string;
  private readonly handle: FileHandle;

  private constructor(file: string, handle: FileHandle, gone: () => void) {
    this.file = file;
    this.handle = handle;
    this.gone = gone;
  }

  /** `gone` hears of its end, once. */
  static async make(folder: string, gone: () => void): Promise<SpoolFile> {
    const file = path.join(folder, randomBytes(12).toString('hex'));
    return new SpoolFile(file, await open(file, 'wx', 0o600), gone);
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    await this.handle.writev([...pieces]);
  }

  spooled(size: number): Spooled {
    return { size, bytes: () => readFile(this.file), remove: () => this.remove() };
  }

  async remove(): Promise<void> {
    await this.handle.close().catch(() => {});
    rmSync(this.file, { force: true });
    this.gone();
  }
}

function refusalOf({ status, message, cause }: BodyProblem): Refusal {
  if (status === 413) return new Refusal('too_large', message, { cause });
  if (status === 415) return new Refusal('unsupported_media_type', message, { cause });
  return new Refusal(status === 408 ? 'bad_request' : 'bad_encoding', message, { cause });
}
