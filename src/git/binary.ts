import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { SpecstoryError } from '../core/errors.ts';
import { isInside } from '../core/paths.ts';

const found = new Map<string, string>();

/**
 * The absolute path of git, looked for once per PATH and repository. Entries of PATH that are relative or lie inside the
 * repository around `cwd` are passed over, so that a repository cannot bring its own `git`. Throws `unavailable` without one.
 */
export function gitBinary(cwd: string, searchPath = process.env.PATH ?? ''): string {
  const key = `${cwd}\0${searchPath}`;
  const known = found.get(key);
  if (known) return known;
  const around = repositoryAround(real(cwd));
  const names = process.platform === 'win32' ? ['git.exe'] : ['git'];
  for (const folder of searchPath.split(path.delimiter)) {
    if (!path.isAbsolute(folder) || (around !== undefined && isInside(real(folder), around))) continue;
    for (const name of names) {
      const file = path.join(folder, name);
      if (!isProgram(file)) continue;
      found.set(key, file);
      return file;
    }
  }
  throw new SpecstoryError('unavailable', 'there is no git in PATH', { hint: 'install git 2.39 or newer' });
}

/** The folder with `.git` at or above `folder`. A repository over the whole disk excludes nothing. */
function repositoryAround(folder: string): string | undefined {
  for (let at = folder; path.dirname(at) !== at; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at;
  }
  return undefined;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function real(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return path.resolve(folder);
  }
}
