import { mkdirSync } from 'node:fs';
import * as z from 'zod';
import { isObjectId, type ObjectId, type WriterId } from '../../core/ids.ts';
import { parseJsonLines } from '../../core/json.ts';
import type { Tombstones } from '../../core/statements.ts';
import { filesEver } from '../../git/files-ever.ts';
import { independent } from '../../git/independent.ts';
import { type KeptTip, keepTips } from '../../git/kept.ts';
import { openObjects } from '../../git/objects.ts';
import { forksIn } from '../../git/purge-refs.ts';
import { listTree, type Tips, trackedTip } from '../../git/read.ts';
import { appendLine, replaceFile } from '../../platform/atomic-file.ts';
import { readTombstones } from '../annotate/tombstones.ts';
import { readText } from '../capture/read-text.ts';
import type { Context } from '../context.ts';
import { explainedByPurge } from './explained-by-purge.ts';

const rollbackSchema = z.strictObject({
  /** When it was noticed: an instant. */
  at: z.string(),
  /** The tracking ref. */
  ref: z.string(),
  /** What it was, and is kept here. */
  from: z.string(),
  /** What it is now; empty when the ref is gone. */
  to: z.string(),
});
/** A ref of a remote that was set back, rewritten or deleted. */
export type Rollback = z.infer<typeof rollbackSchema>;

/** The rollbacks that were noticed so far. */
export function knownRollbacks(context: Context): Rollback[] {
  const lines = parseJsonLines(readText(context.place('rollbacks')));
  return lines.flatMap((line) => rollbackSchema.safeParse(line).data ?? []);
}

/**
 * Compares what was fetched with what was there the last time. What a ref no longer contains is kept under a ref of its own, and the rollback remembered, unless
 * all that is missing is deleted for ever (a purge). The caller holds the lock. Costs a look at a small file where nothing has changed.
 */
export async function noteFetched(context: Context, { tracked }: Tips): Promise<Rollback[]> {
  const now = new Map(tracked.filter(({ remote }) => remote !== '').map((tip) => [refOf(tip), tip.oid]));
  const seen = readSeen(context);
  const changed = [...seen].flatMap(([ref, from]) => (now.get(ref) === from ? [] : [{ ref, from, to: now.get(ref) }]));
  if (changed.length === 0 && seen.size === now.size) return [];
  const lost = changed.length === 0 ? [] : await withoutPurges(context, await behindNothing(context, changed));
  await keepTips(context.repository, lost.flatMap(keptOf));
  mkdirSync(context.folder, { recursive: true });
  const at = new Date().toISOString();
  const rollbacks = lost.map(({ ref, from, to = '' }) => ({ at, ref, from, to }));
  for (const rollback of rollbacks) await appendLine(context.place('rollbacks'), JSON.stringify(rollback));
  await writeSeen(context, [...now]);
  return rollbacks;
}

/** Forgets what was seen on a remote whose copies are removed here on purpose. The caller holds the lock. */
export async function forgetSeen(context: Context, remote: string): Promise<void> {
  const seen = readSeen(context);
  const others = [...seen].filter(([ref]) => !ref.startsWith(`refs/specstory/remotes/${remote}/`));
  if (others.length < seen.size) await writeSeen(context, others);
}

/** Whether a remote's copy of a writer's history is not the one of the last time. */
export function isNews(context: Context, { tracked }: Tips, writer: WriterId): boolean {
  const seen = readSeen(context);
  const copies = tracked.filter((tip) => tip.remote !== '' && tip.kind === 'history' && tip.writer === writer);
  return copies.some((tip) => seen.get(refOf(tip)) !== tip.oid);
}

interface Changed {
  readonly ref: string;
  readonly from: ObjectId;
  readonly to: ObjectId | undefined;
}

function refOf({ remote, writer, kind }: Tips['tracked'][number]): string {
  return `refs/specstory/remotes/${remote}/${writer}/${kind}`;
}

function keptOf({ ref, from }: Changed): KeptTip[] {
  return trackedTip(ref, from).map(({ writer, kind, oid }) => ({ writer, kind, oid }));
}

function readSeen(context: Context): Map<string, ObjectId> {
  const lines = readText(context.place('seen')).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [oid = '', ref = ''] = line.split(' ', 2);
      return isObjectId(oid) && ref !== '' ? [[ref, oid] as const] : [];
    }),
  );
}

function writeSeen(context: Context, seen: readonly (readonly [ref: string, oid: ObjectId])[]): Promise<void> {
  return replaceFile(context.place('seen'), seen.map(([ref, oid]) => `${oid} ${ref}\n`).join(''));
}

/** Those whose old tip lies behind none of the new ones. What is not there any more cannot be kept. One git process for all. */
async function behindNothing(context: Context, changed: readonly Changed[]): Promise<Changed[]> {
  const objects = openObjects(context.repository);
  try {
    const there = await Promise.all(changed.map(({ from }) => objects.commit(from).catch(() => undefined)));
    const known = changed.filter((_, index) => there[index]);
    const all = known.flatMap(({ from, to }) => (to ? [from, to] : [from]));
    const ahead = new Set(await independent(context.repository, all));
    return known.filter(({ from }) => ahead.has(from));
  } finally {
    await objects.close();
  }
}

/** A remote that was purged lacks what is deleted for ever, and nothing else. */
async function withoutPurges(context: Context, changed: readonly Changed[]): Promise<Changed[]> {
  if (changed.length === 0) return [];
  const tombstones = await readTombstones(context);
  const isExplained = explainedByPurge(tombstones, await forksOf(context, changed, tombstones));
  const lost: Changed[] = [];
  for (const change of changed) {
    const now = new Set(change.to ? (await listTree(context.repository, change.to, [])).map(nameOf) : []);
    const before = await listTree(context.repository, change.from, []);
    if (before.some((file) => !now.has(nameOf(file)) && !isExplained(file.path))) lost.push(change);
  }
  return lost;
}

/** Sessions that have, or had, copies of deleted exchanges in what is not there any more. */
async function forksOf({ repository }: Context, changed: readonly Changed[], { sessions, exchanges }: Tombstones) {
  const histories = changed.filter(({ ref }) => ref.endsWith('/history'));
  const files = await Promise.all(histories.map(({ from }) => filesEver(repository, from)));
  return files.flatMap((all) => forksIn(all, { sessions: [...sessions], exchanges }));
}

function nameOf({ path, oid }: { path: string; oid: string }): string {
  return `${oid} ${path}`;
}
