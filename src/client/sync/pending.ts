import { findSources } from '../capture/find-sources.ts';
import { CaptureState } from '../capture/state.ts';
import type { Context } from '../context.ts';

/** The number of sources (of one session, when it is given) with something that was not captured yet. Writes nothing. */
export function pendingSources(context: Context, session?: string): number {
  const state = CaptureState.open(context.place('state'));
  // A repository that is not set up remembers nothing of what was looked at.
  const looking: Context = Object.create(context, { isInitialised: { value: false } });
  const { found } = findSources(looking, state);
  return found.filter(({ source }) => {
    const known = state.get(source);
    const isMeant = session === undefined || !known || known.sessions.includes(session);
    return isMeant && known?.version !== source.version;
  }).length;
}
