import { join } from 'node:path';
import type { Context } from '../context.ts';

/** The lock of everything that talks to remotes: one process per repository. */
export const syncLock = (context: Pick<Context, 'place'>): string => context.place('sync.lock');

/** What is remembered of a remote. */
export const ledgerFile = (context: Pick<Context, 'place'>, remote: string): string =>
  join(context.place('remotes'), `${remote}.json`);
