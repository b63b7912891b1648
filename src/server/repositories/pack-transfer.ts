import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';
import type { Session } from '../store/postgres/database.ts';
import { addPack, type PackFile, readPiece, writePiece } from '../store/postgres/git-tables.ts';

/** Bytes of a piece: what of a pack is in memory at once. */
const pieceBytes = 1 << 20;
/** The index last: with it git sees the pack. */
const files: readonly PackFile[] = ['pack', 'idx'];
/** Bytes of the SHA-1 at the end of a pack, and of its index, over all before it (gitformat-pack). */
const sumBytes = 20;

/** Where a pack lies: in the database as `project`, `pack`, on the disk in `folder`. */
export interface PackPlace {
  readonly project: string;
  readonly pack: string;
  readonly folder: string;
}

/** Copies a pack into the database, a piece at a time. */
export async function uploadPack(session: Session, { project, pack, folder }: PackPlace): Promise<void> {
  for (const file of files) {
    const source = await open(path.join(folder, `${pack}.${file}`));
    try {
      if (file === 'pack') await addPack(session, project, pack, (await source.stat()).size);
      for (let part = 0; ; part++) {
        const { bytesRead, buffer } = await source.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes);
        if (bytesRead === 0) break;
        await writePiece(session, project, { pack, file, part }, buffer.subarray(0, bytesRead));
      }
    } finally {
      await source.close();
    }
  }
}

/**
 * Copies a pack out of the database into a folder, a piece at a time, and onto the disk. Throws `not-found` when it is not there any more, and
 * `unavailable` when what came is not what its checksums say.
 */
export async function downloadPack(session: Session, { project, pack, folder }: PackPlace): Promise<void> {
  for (const file of files) {
    const target = await open(path.join(folder, `${pack}.${file}`), 'wx', 0o600);
    try {
      const sum = new TrailingSum();
      for (let part = 0; ; part++) {
        const piece = await readPiece(session, project, { pack, file, part });
        if (!piece && part === 0) throw new SpecstoryError('not-found', `${pack} is not in the database any more`);
        if (!piece) break;
        sum.update(piece);
        await target.writeFile(piece);
      }
      if (!sum.isRight()) throw new SpecstoryError('unavailable', `${pack}.${file} in the database is damaged`);
      await target.sync();
    } finally {
      await target.close();
    }
  }
}

/** Looks whether bytes end with the checksum of those before. */
class TrailingSum {
  private readonly hash = createHash('sha1');
  private end = Buffer.alloc(0);

  update(bytes: Uint8Array): void {
    const all = Buffer.concat([this.end, bytes]);
    const known = Math.max(0, all.length - sumBytes);
    this.hash.update(all.subarray(0, known));
    this.end = all.subarray(known);
  }

  isRight(): boolean {
    return this.hash.digest().equals(this.end);
  }
}
