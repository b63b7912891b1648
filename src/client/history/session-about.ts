import type { SessionMeta } from '../../core/session.ts';
import type { Listed } from './open-history.ts';

/** What others than the person at the keyboard are told of a session. */
export interface SessionAbout {
  readonly meta: SessionMeta;
  readonly name: string;
  readonly tags: readonly string[];
  /** Who captured it: names of people, without addresses. */
  readonly authors: readonly string[];
  /** Exchanges that are not hidden. */
  readonly exchanges: number;
}

/** Whether a session is not hidden. */
export function isOpen({ hidden }: Listed): boolean {
  return !hidden;
}

/** What may be told of a session: nothing of what is hidden in it. */
export function aboutOf({ meta, name, tags, copies, exchanges }: Listed): SessionAbout {
  return {
    meta,
    name,
    tags,
    authors: [...new Set(copies.map(({ tip }) => tip.author.replace(/ <[^>]*>$/, '')))],
    exchanges: exchanges.filter(({ hidden }) => !hidden).length,
  };
}
