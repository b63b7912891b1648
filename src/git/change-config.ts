import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';

/** One change of the repository's own configuration. */
export type ConfigChange =
  | { readonly kind: 'set' | 'add'; readonly name: string; readonly value: string }
  | { readonly kind: 'remove-section'; readonly section: string }
  | { readonly kind: 'unset'; readonly name: string };

/** Makes the changes in their order, one `git config` each: git has no way to make several at once. Throws what git complains of. */
export async function changeConfig(repository: Repository, changes: readonly ConfigChange[]): Promise<void> {
  for (const change of changes) await runGit(['config', '--local', ...words(change)], placeOf(repository));
}

function words(change: ConfigChange): string[] {
  switch (change.kind) {
    case 'set':
      return ['--replace-all', '--end-of-options', change.name, change.value];
    case 'add':
      return ['--add', '--end-of-options', change.name, change.value];
    case 'unset':
      return ['--unset-all', '--end-of-options', change.name];
    case 'remove-section':
      return ['--remove-section', '--end-of-options', change.section];
  }
}

/** Removes refs below a prefix of ours (`refs/specstory/remotes/<name>/`), in one transaction. Gives how many there were. */
export async function removeRefs(repository: Repository, prefix: string): Promise<number> {
  const listed = await runGit(['for-each-ref', '--format=delete %(refname)', prefix], placeOf(repository));
  const lines = listed.toString('utf8').split('\n').filter(Boolean);
  if (lines.length > 0) {
    await runGit(['update-ref', '--stdin'], { ...placeOf(repository), input: `${lines.join('\n')}\n` });
  }
  return lines.length;
}
