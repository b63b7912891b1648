import { type Annotation, annotationPath } from '../../core/annotation.ts';
import {
  type Contents,
  type FoldedExchange,
  type FoldedSession,
  foldCopies,
  statementsIn,
  type Version,
} from '../../core/fold.ts';
import type { ExchangeId, SessionId } from '../../core/ids.ts';
import { type Exchange, promptOf } from '../../core/session.ts';
import type { Statements } from '../../core/statements.ts';
import { compareText, oneLine, slug } from '../../core/text.ts';
import { openObjects } from '../../git/objects.ts';
import { type SessionHead, sessionName } from '../../markdown/session-file.ts';
import type { Context } from '../context.ts';
import { StoredExchanges } from './stored-exchanges.ts';
import { type Problem, type WriterTip, writerTips } from './writer-tips.ts';
import { type Reading, readWriterTree, type Wanted, type WriterCopy, type WriterTree } from './writer-tree.ts';

/** One session of everybody's history. */
export interface Listed extends SessionHead, Omit<FoldedSession, 'meta'> {
  /** The writers' copies, the one that knows most first. */
  readonly copies: readonly WriterCopy[];
}

/** One content of one exchange, as it is shown. */
export interface Shown extends Omit<FoldedExchange, 'versions'>, Version {
  /** From 1, the same for all versions of an exchange. */
  readonly number: number;
  readonly exchange: Exchange;
  /** Hex SHA-256 of its file. */
  readonly fingerprint: string;
}

export interface HistoryOptions extends Wanted {
  /** Only what this clone captured. */
  readonly own?: boolean;
}

/**
 * Everybody's history as it is known here, in one view: what this clone captured and what was fetched. Trees of others are read with
 * care: what we would never write is a problem to tell of. The number of git processes does not depend on what is in it.
 */
export interface History {
  /** Oldest first; sub-agent sessions stand behind their parent. */
  readonly sessions: readonly Listed[];
  readonly statements: Statements;
  readonly tips: readonly WriterTip[];
  readonly trees: readonly WriterTree[];
  /** What was passed over so far. */
  problems(): readonly Problem[];
  /** The exchanges of a session in their order; the versions of one that is forked stand behind each other. Throws `unavailable` when an object is missing. */
  exchanges(session: Listed): Promise<Shown[]>;
  /** Every file of an exchange that any writer has of a session, by the hex SHA-256 of its bytes. */
  files(session: Listed): Promise<{ readonly id: ExchangeId; readonly fingerprint: string }[]>;
}

/** Opens the history for one piece of work. */
export async function withHistory<T>(
  context: Context,
  work: (history: History) => Promise<T>,
  { own = false, sessions }: HistoryOptions = {},
): Promise<T> {
  const objects = openObjects(context.repository);
  try {
    const { tips, problems } = await writerTips(context, objects);
    const chosen = tips.filter(({ isOwn }) => isOwn || !own);
    const reading: Reading = { objects, heads: new Map() };
    const trees = await Promise.all(chosen.map((tip) => readWriterTree(reading, tip, { sessions })));
    return await work(await openView(chosen, trees, problems, new StoredExchanges(objects)));
  } finally {
    await objects.close();
  }
}

async function openView(
  tips: readonly WriterTip[],
  trees: readonly WriterTree[],
  found: readonly Problem[],
  exchanges: StoredExchanges,
): Promise<History> {
  const statements = statementsIn(trees);
  const passedOver = [...trees.flatMap(({ problems }) => problems), ...statements.refused.map(tooFarAhead)];
  const copies = trees.flatMap((tree) => tree.copies);
  const byId = grouped(copies);
  const folded = await foldReading(copies, statements, exchanges);
  return {
    sessions: await Promise.all(folded.map((session) => listed(session, byId.get(session.meta.id) ?? [], exchanges))),
    statements,
    tips,
    trees,
    problems: () => [...found, ...passedOver, ...exchanges.problems],
    files: async ({ copies: of }) => {
      const entries = of.flatMap((copy) => copy.entries);
      await exchanges.read(entries);
      return entries.flatMap(({ id, content }) => {
        const read = exchanges.get(content);
        return read ? [{ id, fingerprint: read.fingerprint }] : [];
      });
    },
    exchanges: async (session) => {
      await exchanges.read(session.copies.flatMap(({ entries }) => entries));
      const [whole] = await foldReading(session.copies, statements, exchanges);
      return shown(whole?.exchanges ?? [], statements, exchanges);
    },
  };
}

function tooFarAhead(annotation: Annotation): Problem {
  const path = `${annotation.writer}: ${annotationPath(annotation)}`;
  return { path, reason: 'bad_clock: too far ahead of everything that is known here' };
}

/** Folds the copies, and reads what that depends on: contents of which there are several for one exchange, and the times of what no writer orders. */
async function foldReading(
  copies: readonly WriterCopy[],
  statements: Statements,
  exchanges: StoredExchanges,
): Promise<FoldedSession[]> {
  const asked = new Set<string>();
  const contents: Contents = (content) => {
    if (!exchanges.has(content)) asked.add(content);
    return exchanges.get(content)?.exchange;
  };
  for (;;) {
    const folded = foldCopies(copies, statements, contents);
    const entries = copies.flatMap((copy) => copy.entries.filter(({ content }) => asked.has(content)));
    if (entries.length === 0) return folded;
    await exchanges.read(entries, 'tell');
    asked.clear();
  }
}

/** The copies of each session, the one with the most exchanges first: the same one for everybody. */
function grouped(copies: readonly WriterCopy[]): Map<SessionId, WriterCopy[]> {
  const found = new Map<SessionId, WriterCopy[]>();
  for (const copy of copies) {
    const known = found.get(copy.meta.id);
    if (known) known.push(copy);
    else found.set(copy.meta.id, [copy]);
  }
  for (const list of found.values()) {
    list.sort((a, b) => b.entries.length - a.entries.length || compareText(a.tip.oid, b.tip.oid));
  }
  return found;
}

async function listed(
  session: FoldedSession,
  copies: readonly WriterCopy[],
  exchanges: StoredExchanges,
): Promise<Listed> {
  const [best] = copies;
  const { title } = session;
  const meta = title === undefined ? session.meta : { ...session.meta, title };
  const head = { ...best?.head, ...(await naming(session, best, exchanges)) };
  const name = title === undefined ? head.name : oneLine(title);
  return { ...session, ...head, name, meta, count: session.exchanges.length, copies };
}

/** Names come from the first prompt that is shown. */
async function naming(
  { meta, exchanges }: FoldedSession,
  best: WriterCopy | undefined,
  stored: StoredExchanges,
): Promise<{ name: string; slug: string }> {
  const first = best && [...best.entries].sort((a, b) => a.ordinal - b.ordinal)[0];
  // With none that is shown there is no prompt to name it after.
  const left = exchanges.find(({ hidden }) => !hidden);
  if (exchanges.length > 0 && !left) return { name: sessionName(meta, ''), slug: '' };
  if (best && (!left || left.id === first?.id)) return best.head;
  const content = left?.versions[0]?.content;
  if (left && content) await stored.read([{ id: left.id, content }]);
  const prompt = promptOf(stored.get(content ?? '')?.exchange.messages ?? []);
  return { name: sessionName(meta, prompt), slug: slug(prompt) };
}

function shown(exchanges: readonly FoldedExchange[], { tombstones }: Statements, stored: StoredExchanges): Shown[] {
  let number = 0;
  return exchanges.flatMap(({ versions, ...about }) => {
    const found = versions.flatMap((version) => {
      const read = stored.get(version.content);
      return read && !tombstones.content.has(read.fingerprint) ? [{ ...version, ...read }] : [];
    });
    if (found.length > 0) number++;
    return found.map((one) => ({ ...about, ...one, number }));
  });
}
