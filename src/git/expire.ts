import { existsSync } from 'node:fs';
import path from 'node:path';
import type { OurRef } from './ref-moves.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';

/** Empties the reflogs of refs of ours, where somebody has them written: they would keep what was rewritten. At most one git process. */
export async function expireReflogs(repository: Repository, names: readonly OurRef[]): Promise<void> {
  const logged = names.filter((name) => existsSync(path.join(repository.commonDir, 'logs', name)));
  if (logged.length === 0) return;
  await runGit(['reflog', 'expire', '--expire=now', '--expire-unreachable=now', ...logged], placeOf(repository));
}
