import type { WriterId } from '../../core/ids.ts';
import { isAncestor } from '../../git/history.ts';
import type { Tips } from '../../git/read.ts';
import type { Context } from '../context.ts';
import type { Fetched } from './fetch.ts';
import type { Pushed } from './push.ts';
import { isUnsent, type Standing, standingOf } from './standing.ts';

interface Looked {
  readonly remote: string;
  readonly writer: WriterId;
  readonly pushed: Pick<Pushed, 'outcome'>;
  readonly fetched: Pick<Fetched, 'outcome' | 'code'>;
  /** The refs as the remote was found to have them. */
  readonly after: Tips;
}

/**
 * Where our refs stand on a remote that lacks what it once had of them: it was set back to a copy of an earlier day, or lost a ref, or all of the project. Nothing
 * where it has all, where nobody knows, or where it has something else (a purge there, or a copy of this clone that writes under its name).
 */
export async function lacking(context: Context, look: Looked): Promise<Standing | undefined> {
  const { remote, writer, pushed, fetched, after } = look;
  if (pushed.outcome !== 'nothing' && pushed.outcome !== 'ok') return undefined;
  // A project that is not there any more is made by a push, as at first.
  const isGone = fetched.code === 'not_found';
  if (fetched.outcome !== 'ok' && !isGone) return undefined;
  const standing = isGone ? nothingThere(after) : standingOf(after, remote, writer);
  const parts = [standing.history, standing.raw].filter(isUnsent);
  if (parts.length === 0) return undefined;
  for (const { here, there } of parts) {
    // A commit that is not known here is not behind ours.
    const isBehind = here && there && (await isAncestor(context.repository, there, here).catch(() => false));
    if (there && !isBehind) return undefined;
  }
  return standing;
}

function nothingThere({ history, raw }: Tips): Standing {
  return { history: { here: history, there: undefined }, raw: { here: raw, there: undefined } };
}
