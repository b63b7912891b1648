import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';

/** Where the repository of a project lies in a folder of such: `<aa>/<key>.git`. Throws `bug` for what is no key. */
export function shardedPath(key: string): string {
  if (!/^[0-9a-f]{32}$/.test(key)) throw new SpecstoryError('bug', 'a project key is 32 hex');
  return path.join(key.slice(0, 2), `${key}.git`);
}
