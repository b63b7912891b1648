import type { SessionId } from './ids.ts';
import type { SessionMeta } from './session.ts';
import { compareText } from './text.ts';

/** Sessions in the order of their creation, each behind its parent where that is among them. Parents that go in a circle (nothing keeps a writer from it) count as none. */
export function nested<T extends { readonly meta: SessionMeta }>(sessions: readonly T[]): T[] {
  const sorted = [...sessions].sort((a, b) => compareText(key(a.meta), key(b.meta)));
  const ids = new Set(sorted.map(({ meta }) => meta.id));
  const children = new Map<SessionId | undefined, T[]>();
  for (const session of sorted) {
    const { parent } = session.meta;
    const under = parent && ids.has(parent) ? parent : undefined;
    const among = children.get(under);
    if (among) among.push(session);
    else children.set(under, [session]);
  }
  const walked = new Set<T>();
  // From the end of a list, because chains of a hostile writer may be long; those that go in a circle come last.
  const waiting = [...sorted.toReversed(), ...(children.get(undefined) ?? []).toReversed()];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (walked.has(next)) continue;
    walked.add(next);
    waiting.push(...(children.get(next.meta.id) ?? []).toReversed());
  }
  return [...walked];
}

function key({ createdAt = '', id }: SessionMeta): string {
  return `${createdAt} ${id}`;
}
