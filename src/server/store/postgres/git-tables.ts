import * as z from 'zod';
import { SpecstoryError } from '../../../core/errors.ts';
import { isObjectId, type ObjectId } from '../../../core/ids.ts';
import { parseWriterRef, type WriterTip } from '../../../git/writer-ref.ts';
import type { PostgresDatabase, Session } from './database.ts';

/** What a repository is made of, at one moment. */
export interface SharedState {
  /** 0 before the first push. */
  readonly version: number;
  readonly tips: readonly WriterTip[];
  /** Names like `pack-<40 hex>`. */
  readonly packs: ReadonlySet<string>;
}

const oid = z.custom<ObjectId>((value) => typeof value === 'string' && isObjectId(value));
const stateSchema = z.object({
  version: z.number(),
  refs: z.record(z.string(), oid),
  packs: z.array(z.string().regex(/^pack-[0-9a-f]{40}$/)),
});

/** The version of a repository; nothing when there is none. */
export async function versionOf(database: PostgresDatabase, project: string): Promise<number | undefined> {
  const [row] = await database.rows('SELECT version FROM git.repositories WHERE project = $1', [project]);
  return row && z.number().parse(row.version);
}

/** The projects that were pushed to. */
export async function sharedProjects(database: PostgresDatabase): Promise<string[]> {
  const rows = await database.rows('SELECT project FROM git.repositories WHERE version > 0 ORDER BY project');
  return rows.map(({ project }) => z.string().parse(project));
}

/** How often refs of a project were rewritten. */
export async function rewritesOf(database: PostgresDatabase, project: string): Promise<number> {
  const [row] = await database.rows('SELECT rewrites FROM git.repositories WHERE project = $1', [project]);
  return row ? z.number().parse(row.rewrites) : 0;
}

/** Marks a repository, which the transaction has locked: what its refs reach no more is to be dropped. */
export async function beginRewriting(session: Session, project: string): Promise<void> {
  const sql = 'UPDATE git.repositories SET rewrites = rewrites + 1, rewriting = true WHERE project = $1';
  await session.run(sql, [project]);
}

export async function endRewriting(session: Session, project: string): Promise<void> {
  await session.run('UPDATE git.repositories SET rewriting = false WHERE project = $1', [project]);
}

/** The projects whose refs were rewritten, and what they reached before not dropped. */
export async function rewritingProjects(database: PostgresDatabase): Promise<string[]> {
  const rows = await database.rows('SELECT project FROM git.repositories WHERE rewriting ORDER BY project');
  return rows.map(({ project }) => z.string().parse(project));
}

/** One statement, so that all of it is of one moment. */
export async function readState(session: Session, project: string): Promise<SharedState> {
  const [row] = await session.rows(
    `SELECT version,
        (SELECT coalesce(json_object_agg(name, oid), '{}') FROM git.refs WHERE project = $1) AS refs,
        (SELECT coalesce(json_agg(pack), '[]') FROM git.packs WHERE project = $1) AS packs
      FROM git.repositories WHERE project = $1`,
    [project],
  );
  const { version, refs, packs } = stateSchema.parse(row ?? { version: 0, refs: {}, packs: [] });
  const tips = Object.keys(refs)
    .sort()
    .flatMap((name) => {
      const [parsed, at] = [parseWriterRef(name), refs[name]];
      return parsed && at ? [{ ...parsed, oid: at }] : [];
    });
  return { version, tips, packs: new Set(packs) };
}

/** The state, which nobody else changes before the transaction ends: others who want that wait. */
export async function lockState(session: Session, project: string): Promise<SharedState> {
  await session.run('INSERT INTO git.repositories (project, version) VALUES ($1, 0) ON CONFLICT DO NOTHING', [project]);
  await session.rows('SELECT version FROM git.repositories WHERE project = $1 FOR UPDATE', [project]);
  return readState(session, project);
}

/** Moves refs from where they stood to where they are to be, and makes it another version. Throws `conflict` when one stands elsewhere. */
export async function writeState(
  session: Session,
  project: string,
  before: SharedState,
  tips: readonly WriterTip[],
): Promise<number> {
  const [was, now] = [before.tips, tips].map(
    (list) => new Map<string, ObjectId>(list.map(({ ref, oid }) => [ref, oid])),
  );
  for (const name of new Set([...(was?.keys() ?? []), ...(now?.keys() ?? [])])) {
    await moveRef(session, project, { name, from: was?.get(name), to: now?.get(name) });
  }
  const sql = 'UPDATE git.repositories SET version = version + 1 WHERE project = $1 AND version = $2';
  if ((await session.run(sql, [project, before.version])) !== 1) throw moved();
  return before.version + 1;
}

async function moveRef(
  session: Session,
  project: string,
  { name, from, to }: { readonly name: string; readonly from: ObjectId | undefined; readonly to: ObjectId | undefined },
): Promise<void> {
  if (from === to) return;
  const changes = await (from === undefined
    ? session.run('INSERT INTO git.refs (project, name, oid) VALUES ($1, $2, $3)', [project, name, to ?? null])
    : to === undefined
      ? session.run('DELETE FROM git.refs WHERE project = $1 AND name = $2 AND oid = $3', [project, name, from])
      : session.run('UPDATE git.refs SET oid = $4 WHERE project = $1 AND name = $2 AND oid = $3', [
          ...[project, name, from, to],
        ]));
  if (changes !== 1) throw moved();
}

function moved(): SpecstoryError {
  return new SpecstoryError('conflict', 'another server moved the refs meanwhile');
}

export type PackFile = 'pack' | 'idx';

export async function addPack(session: Session, project: string, pack: string, bytes: number): Promise<void> {
  await session.run('INSERT INTO git.packs (project, pack, bytes) VALUES ($1, $2, $3)', [project, pack, bytes]);
}

/** Its pieces go with it. */
export async function removePacks(session: Session, project: string, packs: readonly string[]): Promise<void> {
  await session.run('DELETE FROM git.packs WHERE project = $1 AND pack = ANY($2::text[])', [project, packs]);
}

/** A part of a file of a pack. */
export interface Piece {
  readonly pack: string;
  readonly file: PackFile;
  /** From 0. */
  readonly part: number;
}

export async function writePiece(
  session: Session,
  project: string,
  { pack, file, part }: Piece,
  content: Uint8Array,
): Promise<void> {
  const sql = 'INSERT INTO git.pieces (project, pack, file, part, content) VALUES ($1, $2, $3, $4, $5)';
  await session.run(sql, [project, pack, file, part, content]);
}

/** Nothing behind the last one. */
export async function readPiece(
  session: Session,
  project: string,
  { pack, file, part }: Piece,
): Promise<Uint8Array | undefined> {
  const sql = 'SELECT content FROM git.pieces WHERE project = $1 AND pack = $2 AND file = $3 AND part = $4';
  const [row] = await session.rows(sql, [project, pack, file, part]);
  return row && z.instanceof(Uint8Array).parse(row.content);
}
