import { refs } from '../../core/layout.ts';
import { expireReflogs } from '../../git/expire.ts';
import { identity } from '../../git/identity.ts';
import { isKeptRef } from '../../git/kept.ts';
import { type Doomed, purgedMessage, purgeRefs, type WriterPlaces } from '../../git/purge-refs.ts';
import type { Tips } from '../../git/read.ts';
import type { RefMove } from '../../git/ref-moves.ts';
import { CaptureState } from '../capture/state.ts';
import type { Context } from '../context.ts';
import { removeSearchCache, searchCache } from './search-cache.ts';

/** Takes what is doomed out of this clone's refs, and of those that keep what remotes took back. The caller holds the lock. */
export async function rewriteOwn(context: Context, before: Tips, doomed: Doomed): Promise<RefMove[]> {
  const { repository, redactor } = context;
  const how = { message: redactor.text(purgedMessage), who: await identity(repository) };
  const state = CaptureState.open(context.place('state'));
  const moves = await purgeRefs(repository, ownPlaces(before), doomed, how);
  const history = moves.find(({ ref }) => ref === refs.history);
  if (history && state.tip !== '') await state.save(history.to);
  moves.push(...(await purgeRefs(repository, keptPlaces(before), doomed, how)));
  removeSearchCache(searchCache(context));
  await expireReflogs(
    repository,
    moves.map(({ ref }) => ref),
  );
  return moves;
}

function ownPlaces({ history, raw }: Tips): WriterPlaces {
  return {
    histories: history ? [{ ref: refs.history, tip: history }] : [],
    raws: raw ? [{ ref: refs.raw, tip: raw }] : [],
  };
}

function keptPlaces({ tracked }: Tips): WriterPlaces {
  const of = (wanted: keyof typeof refs) =>
    tracked.flatMap(({ ref, kind, oid }) => (kind === wanted && isKeptRef(ref) ? [{ ref, tip: oid }] : []));
  return { histories: of('history'), raws: of('raw') };
}
