import type { ObjectId, WriterId } from '../core/ids.ts';
import type { refs } from '../core/layout.ts';
import { gitError } from './errors.ts';
import type { Repository } from './repository.ts';
import { placeOf, tryGit } from './run.ts';

/** A tip of a writer's history that nothing else may hold any more. */
export interface KeptTip {
  readonly writer: WriterId;
  readonly kind: keyof typeof refs;
  readonly oid: ObjectId;
}

/** A ref that keeps a tip. */
export type KeptRef = `refs/specstory/kept/${string}/${string}/${keyof typeof refs}`;

export function isKeptRef(name: string): name is KeptRef {
  return /^refs\/specstory\/kept\/[0-9a-f]+\/[0-9a-f]{16}\/(?:history|raw)$/.test(name);
}

/** The ref under which a tip is kept. `tips` gives it among those that were fetched. */
function keptRef({ writer, kind, oid }: KeptTip): KeptRef {
  return `refs/specstory/kept/${oid.slice(0, 16)}/${writer}/${kind}`;
}

const args = ['update-ref', '--stdin'];

/** Keeps tips under refs of their own, so that neither a fetch nor a clean-up takes their objects away. One git process. */
export async function keepTips(repository: Repository, tips: readonly KeptTip[]): Promise<void> {
  if (tips.length === 0) return;
  const input = tips.map((tip) => `option no-deref\nupdate ${keptRef(tip)} ${tip.oid}\n`).join('');
  const outcome = await tryGit(args, { ...placeOf(repository), config: ['core.fsync=all'], input });
  if (outcome.code !== 0) throw gitError(args, repository.root, outcome);
}
