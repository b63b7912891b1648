import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import type { ObjectId, SessionId } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { format, markerPath, type RefName, refs } from '../../core/layout.ts';
import type { Tombstones } from '../../core/statements.ts';
import { identity } from '../../git/identity.ts';
import { type Blobs, openBlobs, type Tips, tips } from '../../git/read.ts';
import type { Repository } from '../../git/repository.ts';
import { type Change, type CommitText, type Import, type OwnTips, openImport } from '../../git/write.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { tombstones } from '../annotate/tombstones.ts';
import type { Context } from '../context.ts';
import { writerOf } from './writer.ts';

/** What is needed to write sessions: the history as it is, and an import that will move it on. */
export interface Desk {
  readonly into: Pick<Import, 'blob'>;
  readonly redactor: Redactor;
  readonly objectFormat: Repository['objectFormat'];
  /** What was deleted for ever and is not written again. */
  readonly tombstones: Tombstones;
  /** Sessions that this import has written: what they have become can be read when it is done. */
  readonly written: Set<SessionId>;
  /** Content of the history by path; nothing while there is no history. */
  read(ref: RefName, path: string): Promise<Buffer | undefined>;
  /** Object id of what the history has at a path. */
  id(ref: RefName, path: string): Promise<string | undefined>;
  /** Names of the files in a folder of the history. */
  names(ref: RefName, path: string): Promise<readonly string[]>;
  /** Adds a commit; the first one on a ref names format and writer as well. */
  commit(ref: RefName, text: CommitText, changes: readonly Change[]): Promise<void>;
}

/** A session is to be written twice in one import: the second time has to wait for the next one. */
export class WrittenAlready extends SpecstoryError {
  constructor(id: SessionId) {
    super('conflict', `the session ${JSON.stringify(id)} was written a moment ago`);
  }
}

/**
 * As `withDesk` for each of many things, in as few imports as it takes: what `begin` gives for a desk does one of them, and throws `WrittenAlready` when
 * that has to wait. `done` hears of each import what came of it.
 */
export async function atDesks<T, R>(
  context: Context,
  items: readonly T[],
  begin: (desk: Desk) => (item: T) => Promise<R>,
  done: (results: readonly (readonly [T, R])[], tips: OwnTips) => Promise<void> = async () => {},
): Promise<void> {
  for (let left = items; left.length > 0; ) {
    const waiting: T[] = [];
    const { result, tips } = await withDesk(context, async (desk) => {
      const results: (readonly [T, R])[] = [];
      const work = begin(desk);
      for (const item of left) {
        try {
          results.push([item, await work(item)]);
        } catch (thrown) {
          if (!(thrown instanceof WrittenAlready)) throw thrown;
          waiting.push(item);
        }
      }
      return results;
    });
    await done(result, tips);
    left = waiting;
  }
}

/**
 * Opens the history for writing, does `work`, and moves both refs on; gives the new tips. The caller holds the lock.
 * When `work` throws, nothing is committed. Throws `unsupported` when the history has a newer format.
 */
export async function withDesk<T>(
  context: Context,
  work: (desk: Desk) => Promise<T>,
): Promise<{ result: T; tips: OwnTips }> {
  const { repository } = context;
  const before = await tips(repository);
  const blobs = openBlobs(repository);
  let into: Import | undefined;
  try {
    await refuseNewer(blobs, before);
    into = openImport(repository, before, await identity(repository));
    const buried = await tombstones(context, before, blobs);
    const result = await work(deskOf(context, before, blobs, into, buried));
    return { result, tips: await into.finish() };
  } finally {
    await into?.abort();
    await blobs.close();
  }
}

function deskOf(context: Context, before: Tips, blobs: Blobs, into: Import, buried: Tombstones): Desk {
  const begun = new Set<RefName>(Object.values(refs).filter((ref) => tipOf(before, ref) !== undefined));
  const at = <T>(ref: RefName, path: string, ask: (revision: string) => Promise<T>): Promise<T | undefined> => {
    const tip = tipOf(before, ref);
    return tip === undefined ? Promise.resolve(undefined) : ask(`${tip}:${path}`);
  };
  return {
    into,
    redactor: context.redactor,
    objectFormat: context.repository.objectFormat,
    tombstones: buried,
    written: new Set(),
    read: (ref, path) => at(ref, path, (revision) => blobs.read(revision)),
    id: (ref, path) => at(ref, path, (revision) => blobs.id(revision)),
    names: async (ref, path) => (await at(ref, path, (revision) => blobs.names(revision))) ?? [],
    commit: async (ref, text, changes) => {
      const first = begun.has(ref) ? [] : [{ path: markerPath, mark: await into.blob(await marker(context)) }];
      begun.add(ref);
      await into.commit(ref, text, [...first, ...changes]);
    },
  };
}

/** Where one of our refs stands. */
export function tipOf(tips: OwnTips, ref: RefName): ObjectId | undefined {
  return ref === refs.history ? tips.history : tips.raw;
}

async function marker(context: Context) {
  return context.redactor.text(`${JSON.stringify({ format, writer: await writerOf(context) })}\n`);
}

const markerSchema = z.looseObject({ format: z.number() });

async function refuseNewer(blobs: Blobs, { history }: Tips): Promise<void> {
  const text = history && (await blobs.read(`${history}:${markerPath}`));
  const found = markerSchema.safeParse(parseJson(text ? text.toString('utf8') : '')).data?.format;
  if (found !== undefined && found > format) {
    const hint = 'a newer specstory wrote it: update this one';
    throw new SpecstoryError('unsupported', `the history has format ${found}; this version knows ${format}`, { hint });
  }
}
