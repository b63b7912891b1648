import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseAnnotationFile } from '../../core/annotation.ts';
import { isObjectId, type ObjectId, type WriterId } from '../../core/ids.ts';
import { format, type RefName, refs } from '../../core/layout.ts';
import { identity } from '../../git/identity.ts';
import { keepTips } from '../../git/kept.ts';
import { releasePacks } from '../../git/packs.ts';
import { type Tips, tips } from '../../git/read.ts';
import { moveRefs, type RefMove } from '../../git/ref-moves.ts';
import { reparent } from '../../git/reparent.ts';
import { tipOf } from '../capture/desk.ts';
import { CaptureState } from '../capture/state.ts';
import { mintWriter, saveWriter, writerOf, writerOfHistory } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { markClone, placementOf } from './clone-mark.ts';
import { divergences } from './divergence.ts';
import { isNews } from './rollbacks.ts';

/** What became of a writer that was there twice. */
export interface Mended {
  /** The name that the other copy keeps. What was captured under it stays, among the writers that were fetched. */
  readonly old: WriterId;
  readonly now: WriterId;
  /** Refs that hold what no remote has had, under the new name. */
  readonly reparented: readonly RefName[];
}

/**
 * Looks whether this git directory is a copy of another clone's, and makes it a writer of its own if it is: by its mark, and by what was fetched of its own
 * history since the last time. The caller holds the lock. Costs nothing but a look at small files where all is well.
 */
export async function settleClone(context: Context, now: Tips): Promise<Mended | undefined> {
  const writer = await writerOf(context);
  const placement = placementOf(context, writer);
  if (placement === 'copied') return mendCopy(context);
  if (isNews(context, now, writer) && (await divergences(context, now, writer)).length > 0) return mendCopy(context);
  // Without a mark the next look is as good as this one.
  if (placement !== 'same') await markClone(context, writer).catch(() => {});
  return undefined;
}

/**
 * Gives this clone a new writer, because another one writes under its name. Its commits so far are kept as those of a writer that was fetched; of these, what no
 * remote has had is made anew under the new name. Nothing is lost, and no remote has to take back anything. The caller holds the lock.
 */
export async function mendCopy(context: Context): Promise<Mended> {
  const old = await writerOf(context);
  const before = await tips(context.repository);
  const named = await writerOfHistory(context.repository);
  // An earlier attempt moved the refs and went no further.
  if (named !== undefined && named !== old && hasKept(before, old)) return settle(context, old, named, []);
  const now = mintWriter();
  const own = before.tracked.filter(({ writer }) => writer === old);
  await keepTips(context.repository, keptOf(before, old));
  const moves: RefMove[] = [];
  const reparented: RefName[] = [];
  for (const kind of ['raw', 'history'] as const) {
    const tip = before[kind];
    if (tip === undefined) continue;
    const without = own.filter((one) => one.kind === kind).map(({ oid }) => oid);
    const to = await reparentRef(context, refs[kind], without, old, now);
    moves.push({ ref: refs[kind], from: tip, to: to ?? nothing(tip) });
    if (to !== undefined) reparented.push(refs[kind]);
  }
  await moveRefs(context.repository, moves, await identity(context.repository));
  releasePacks(context.repository);
  return settle(context, old, now, reparented);
}

async function settle(context: Context, old: WriterId, now: WriterId, reparented: RefName[]): Promise<Mended> {
  await saveWriter(context, now);
  await markClone(context, now);
  // What is known of the sources still holds: the history goes on from where it was.
  const tip = tipOf(await tips(context.repository), refs.history);
  if (tip) await CaptureState.open(context.place('state')).save(tip);
  else rmSync(join(context.place('state'), 'tip'), { force: true });
  return { old, now, reparented };
}

function hasKept({ tracked }: Tips, writer: WriterId): boolean {
  return tracked.some((tip) => tip.remote === '' && tip.writer === writer);
}

function keptOf({ history, raw }: Tips, writer: WriterId) {
  return [
    ...(history ? [{ writer, kind: 'history' as const, oid: history }] : []),
    ...(raw ? [{ writer, kind: 'raw' as const, oid: raw }] : []),
  ];
}

/** The id that stands for no commit: a ref that is moved there is deleted. */
function nothing(like: ObjectId): ObjectId {
  const zero = '0'.repeat(like.length);
  return isObjectId(zero) ? zero : like;
}

function reparentRef(context: Context, ref: RefName, without: ObjectId[], old: WriterId, now: WriterId) {
  const marker = context.redactor.text(`${JSON.stringify({ format, writer: now })}\n`);
  const swap = (text: string): string => text.replaceAll(old, now);
  return reparent(context.repository, {
    ref,
    without,
    marker,
    isNamed: (path) => parseAnnotationFile(path)?.writer === old,
    renamed: (path, content) => ({
      path: swap(path),
      content: content.replace(`"writer":${JSON.stringify(old)}`, `"writer":${JSON.stringify(now)}`),
    }),
  });
}
