import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpecstoryError } from '../core/errors.ts';

/** The folder of this package: the first one upwards that holds our hooks. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 4; up++, folder = dirname(folder)) {
    if (isHooks(join(folder, 'hooks', 'git-hook'))) return folder;
  }
  throw new SpecstoryError('bug', 'the hooks of the package are not where they should be', {
    hint: 'install specstory again',
  });
}

function isHooks(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}
