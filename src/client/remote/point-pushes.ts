import type { WriterId } from '../../core/ids.ts';
import { type ConfigChange, changeConfig } from '../../git/change-config.ts';
import { readConfig } from '../../git/repository.ts';
import type { Context } from '../context.ts';
import { namedRemotes, remoteKeys } from './named-remote.ts';

/** Lets a plain `git push` to each remote that was named go to the refs of a clone's new writer, and no longer to those of the old one. */
export async function pointPushes(
  { repository }: Pick<Context, 'repository'>,
  writers: { readonly old: WriterId; readonly now: WriterId },
): Promise<void> {
  const config = await readConfig(repository);
  const changes = namedRemotes(config).flatMap(({ name }): ConfigChange[] => {
    const key = remoteKeys(name).push;
    const values = config.all(key).map(({ value }) => value);
    if (!values.some((value) => value.includes(`/writers/${writers.old}/`))) return [];
    const pointed = values.map((value) => value.replace(`/writers/${writers.old}/`, `/writers/${writers.now}/`));
    return pointed.map((value, index) => ({ kind: index === 0 ? 'set' : 'add', name: key, value }));
  });
  await changeConfig(repository, changes);
}
