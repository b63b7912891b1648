import { mostDeleted } from '../../core/annotation.ts';
import type { ExchangeId, SessionId } from '../../core/ids.ts';
import { rawPath, refs, sessionPath } from '../../core/layout.ts';
import { exclusively } from '../capture/capture.ts';
import type { Desk } from '../capture/desk.ts';
import { SessionDraft } from '../capture/session-draft.ts';
import { CaptureState } from '../capture/state.ts';
import type { Context } from '../context.ts';
import { type History, type Listed, withHistory } from '../history/open-history.ts';
import type { WriterCopy } from '../history/writer-tree.ts';
import { type Plan, type Saying, writeStatements } from './annotate.ts';
import { type Chosen, choose, type Named } from './label.ts';

/** What a deletion takes away, or took. */
export interface Deletion {
  readonly session: SessionId;
  readonly name: string;
  /** Sessions that go as a whole: the one that was named and its sub-agents; none when only exchanges go. */
  readonly sessions: readonly SessionId[];
  /** Exchanges that go. */
  readonly exchanges: number;
  /** Other sessions that hold copies of them, which go as well. */
  readonly copiesIn: readonly SessionId[];
  /** Other writers who have something of it: their refs keep the text. */
  readonly writers: readonly string[];
}

/** What would be deleted. Changes nothing. */
export async function planDeletion(context: Context, named: Named): Promise<Deletion> {
  return withHistory(context, async (history) => deletionOf(history, await choose(history, named)));
}

/**
 * Deletes a session with its sub-agents, or exchanges of it, for ever: a tombstone for everybody, and no file of it in this clone's trees any more. The commits
 * before keep the text until a purge.
 */
export async function deleteFromHistory(context: Context, named: Named): Promise<Deletion> {
  return exclusively(context, 'delete', undefined, () => deleteUnderLock(context, named));
}

/** As `deleteFromHistory`, for a caller that holds the lock. */
export async function deleteUnderLock(context: Context, named: Named): Promise<Deletion> {
  let deletion: Deletion | undefined;
  await writeStatements(context, async (history) => {
    const chosen = await choose(history, named);
    deletion = deletionOf(history, chosen);
    return planOf(history, chosen);
  });
  if (!deletion) throw new RangeError('nothing was planned');
  // The next capture reads these sources whole, and meets the tombstones.
  await CaptureState.open(context.place('state')).forget([
    ...deletion.sessions,
    deletion.session,
    ...deletion.copiesIn,
  ]);
  return deletion;
}

function deletionOf(history: History, chosen: Chosen): Deletion {
  const { listed } = chosen;
  const whole = wholeOf(history, chosen);
  const ids = idsOf(whole, chosen);
  const touched = history.sessions.filter(({ exchanges }) => exchanges.some(({ id }) => ids.has(id)));
  const own = new Set(history.tips.filter(({ isOwn }) => isOwn).map(({ writer }) => writer));
  const holds = touched.flatMap(({ copies }) => copies.filter(({ entries }) => entries.some(({ id }) => ids.has(id))));
  return {
    session: listed.meta.id,
    name: listed.name,
    sessions: whole.map(({ meta }) => meta.id),
    exchanges: ids.size,
    copiesIn: touched.filter((one) => one !== listed && !whole.includes(one)).map(({ meta }) => meta.id),
    writers: [...new Set(holds.map(({ writer }) => writer))].filter((writer) => !own.has(writer)).sort(),
  };
}

/** The session and what hangs under it, when no exchanges of it were named. */
function wholeOf({ sessions }: History, { listed, exchanges }: Chosen): Listed[] {
  if (exchanges.length > 0) return [];
  const under = new Set<SessionId>([listed.meta.id]);
  // Parents stand before their children in a listing.
  for (const { meta } of sessions) if (meta.parent && under.has(meta.parent)) under.add(meta.id);
  return sessions.filter(({ meta }) => under.has(meta.id));
}

function idsOf(whole: readonly Listed[], { exchanges }: Chosen): Set<ExchangeId> {
  return new Set([...whole.flatMap((one) => one.exchanges), ...exchanges].map(({ id }) => id));
}

async function planOf(history: History, chosen: Chosen): Promise<Plan> {
  const whole = wholeOf(history, chosen);
  const ids = idsOf(whole, chosen);
  const files = (await Promise.all([...whole, chosen.listed].map((one) => history.files(one)))).flat();
  const content = (id: ExchangeId) => [
    ...new Set(files.filter((file) => file.id === id).map(({ fingerprint }) => fingerprint)),
  ];
  // Of each session that has a copy it is said as well: so its original records are known for what they hold.
  const one = chosen.exchanges.flatMap(({ id: exchange }): Saying[] => {
    const statement = { kind: 'deleted' as const, exchanges: [exchange], content: content(exchange) };
    const holders = history.sessions.filter(({ exchanges }) => exchanges.some(({ id }) => id === exchange));
    return holders.map(({ meta: { id: session } }) => ({ session, exchange, statement }));
  });
  const all = await Promise.all(whole.map(async (session) => sayingsOf(session, await history.files(session))));
  const own = history.trees.flatMap(({ copies }) => copies.filter(({ tip }) => tip.isOwn));
  return { sayings: [...one, ...all.flat()], also: (desk) => takeOut(desk, own, whole, ids) };
}

/** One statement, or several when there is too much for one. */
function sayingsOf(session: Listed, files: readonly { id: ExchangeId; fingerprint: string }[]): Saying[] {
  const ids = [...new Set(session.exchanges.map(({ id }) => id))];
  const content = [...new Set(files.map(({ fingerprint }) => fingerprint))];
  const sayings: Saying[] = [];
  for (let at = 0; at === 0 || at < Math.max(ids.length, content.length); at += mostDeleted) {
    const part = { exchanges: ids.slice(at, at + mostDeleted), content: content.slice(at, at + mostDeleted) };
    sayings.push({ session: session.meta.id, statement: { kind: 'deleted', ...part } });
  }
  return sayings;
}

/** Takes sessions, and exchanges wherever they are, out of this clone's trees. The original records of a session cannot be told apart by exchange: they go whole. */
async function takeOut(
  desk: Desk,
  own: readonly WriterCopy[],
  whole: readonly Listed[],
  ids: ReadonlySet<ExchangeId>,
): Promise<void> {
  const gone = new Set(whole.map(({ meta }) => meta.id));
  const at = new Date().toISOString();
  const text = { subject: desk.redactor.text('delete what is deleted for ever'), at };
  const touched = own.filter(({ meta, entries }) => gone.has(meta.id) || entries.some(({ id }) => ids.has(id)));
  for (const { meta, entries } of touched) {
    const isEmpty = entries.every(({ id }) => ids.has(id));
    if (gone.has(meta.id) || isEmpty)
      await desk.commit(refs.history, text, [{ path: sessionPath(meta.id), remove: true }]);
    else {
      const draft = await SessionDraft.open(desk, meta.id);
      for (const { id } of entries) if (ids.has(id)) draft.drop(id);
      await draft.finish(meta, undefined, Date.now());
      await desk.commit(refs.history, text, draft.changes);
    }
    const raw = rawPath(meta.id);
    if (await desk.id(refs.raw, raw)) await desk.commit(refs.raw, text, [{ path: raw, remove: true }]);
  }
}
