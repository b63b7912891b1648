import { SpecstoryError } from '../../core/errors.ts';
import type { SessionId } from '../../core/ids.ts';
import type { Session } from '../../core/session.ts';
import type { Context } from '../context.ts';
import { type History, type HistoryOptions, type Listed, type Shown, withHistory } from './open-history.ts';
import type { Problem } from './writer-tips.ts';

export type { Listed };

/** The sessions in the history, oldest first; sub-agent sessions stand behind their parent. What cannot be read is left out and told to `problem`. */
export async function listSessions(
  context: Context,
  problem: (path: string, reason: string) => void = () => {},
  options?: HistoryOptions,
): Promise<readonly Listed[]> {
  return withHistory(
    context,
    async (history) => {
      tell(history.problems(), problem);
      return history.sessions;
    },
    options,
  );
}

/** The session that a person means: its id, or the beginning of one id. Throws `not-found`, or `usage` when several begin so. */
export function findSession({ sessions }: Pick<History, 'sessions'>, name: string): Listed {
  return findNamed(sessions, name, ({ meta }) => meta.id);
}

/** The id of the session that a person means, also of one that is deleted. Throws as `findSession`. */
export function findEvenDeleted({ sessions, statements }: History, name: string): SessionId {
  const ids = [...sessions.map(({ meta }) => meta.id), ...statements.tombstones.sessions];
  return findNamed([...new Set(ids)], name, (id) => id);
}

function findNamed<T>(all: readonly T[], name: string, idOf: (one: T) => SessionId): T {
  const exact = all.find((one) => idOf(one) === name);
  if (exact) return exact;
  const matches = name === '' ? [] : all.filter((one) => idOf(one).startsWith(name));
  const [only] = matches;
  if (only && matches.length === 1) return only;
  if (matches.length > 1) {
    const ids = matches.slice(0, 5).map(idOf);
    throw new SpecstoryError('usage', `${matches.length} sessions begin with '${name}'`, {
      hint: `give more of it: ${ids.join(', ')}`,
    });
  }
  throw new SpecstoryError('not-found', `no session '${name}' in the history`, {
    hint: 'specstory list shows what there is',
  });
}

/** A session of the history, whole. Versions of a forked exchange stand behind each other. */
export interface Whole {
  readonly listed: Listed;
  readonly shown: readonly Shown[];
  readonly session: Session;
}

/** A session with all its exchanges, also those that are hidden. */
export async function readWhole(history: History, listed: Listed): Promise<Whole> {
  const shown = await history.exchanges(listed);
  return { listed, shown, session: { meta: listed.meta, exchanges: shown.map(({ exchange }) => exchange) } };
}

/** The session with an id, without reading others. Throws `not-found`. */
export async function readSession(context: Context, id: SessionId): Promise<Whole> {
  const read = async (history: History): Promise<Whole> => {
    const listed = history.sessions.find(({ meta }) => meta.id === id);
    if (!listed) throw new SpecstoryError('not-found', `no session ${JSON.stringify(id)} in the history`);
    return readWhole(history, listed);
  };
  return withHistory(context, read, { sessions: [id] });
}

function tell(problems: readonly Problem[], problem: (path: string, reason: string) => void): void {
  for (const { path, reason } of problems) problem(path, reason);
}
