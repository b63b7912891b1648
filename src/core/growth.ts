import type { Exchange, Message, Part } from './session.ts';

/**
 * Whether one state of an exchange is what another became while it was open: it has all that the other has, in the same order, and
 * then more. An exchange is its own later state.
 */
export function isLaterState(later: Exchange, earlier: Exchange): boolean {
  if (later.id !== earlier.id || later.startedAt !== earlier.startedAt || later.parent !== earlier.parent) return false;
  const last = earlier.messages.length - 1;
  return earlier.messages.every((message, index) => {
    const now = later.messages[index];
    return now !== undefined && (index === last ? isGrown(now, message) : isSame(now, message));
  });
}

/** How one state of an exchange stands to another: what it became, what it was before, or neither. */
export type Growth = 'later' | 'earlier' | 'apart';

/** Of two that are later states of each other, the first counts as the earlier one: it brings nothing. */
export function growthOf(one: Exchange, other: Exchange): Growth {
  if (isLaterState(other, one)) return 'earlier';
  return isLaterState(one, other) ? 'later' : 'apart';
}

/** Model and tokens are known at the end only. */
function isGrown(later: Message, earlier: Message): boolean {
  return (
    later.role === earlier.role &&
    later.id === earlier.id &&
    later.at === earlier.at &&
    later.parts.length >= earlier.parts.length &&
    earlier.parts.every((part, index) => isKept(later.parts[index], part))
  );
}

/** What a call changed may become known with its result. */
function isKept(later: Part | undefined, earlier: Part): boolean {
  if (later?.kind === 'tool_call' && earlier.kind === 'tool_call' && earlier.edits === undefined) {
    const { edits: _, ...call } = later;
    return isSame(call, earlier);
  }
  return isSame(later, earlier);
}

/** Both come from a schema or a parser, whose keys have one order: a difference in order alone would at worst show a fork. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
