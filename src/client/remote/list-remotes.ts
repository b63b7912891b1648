import { readConfig } from '../../git/repository.ts';
import type { Context } from '../context.ts';
import { namedRemotes } from './named-remote.ts';

/** One remote of a listing. */
export interface ListedRemote {
  readonly name: string;
  readonly url: string;
  readonly kind: 'specstory' | 'plain' | null;
  readonly project: string | null;
  readonly onPush: boolean;
  /** Why consent does not hold. */
  readonly problem: string | null;
}

/** The remotes that were named in this repository. */
export async function listRemotes(context: Context): Promise<ListedRemote[]> {
  return namedRemotes(await readConfig(context.repository)).map(({ name, url, target, onPush, problem }) => ({
    name,
    url,
    kind: target?.kind ?? null,
    project: target?.kind === 'specstory' ? target.address.project : null,
    onPush,
    problem: problem ?? null,
  }));
}
