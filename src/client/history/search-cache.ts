import { rmSync } from 'node:fs';
import type { Context } from '../context.ts';

/** The file of this clone's search index: a cache, which is made anew from the refs when it is not there. */
export const searchCache = (context: Pick<Context, 'place'>): string => context.place('search.sqlite');

/** Takes the search index away, with what SQLite keeps beside it: after a purge nothing of what went may stay in it. */
export function removeSearchCache(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
}
