import { parseExchangeFile, rawPath, sessionPath } from '../../core/layout.ts';
import type { Tombstones } from '../../core/statements.ts';

/** Whether a purge may have taken a file of a tree away: one of a deleted session or exchange, what was said of it, or what is derived from others. `forks` are other
 * sessions that had copies of deleted exchanges, as `<aa>/<folder>`. */
export function explainedByPurge(
  { sessions, exchanges }: Pick<Tombstones, 'sessions' | 'exchanges'>,
  forks: readonly string[],
): (path: string) => boolean {
  const folders = new Set([...sessions].flatMap((id) => [sessionPath(id), rawPath(id)]));
  for (const fork of forks) folders.add(`raw/${fork}`);
  const shards = new Set([...[...sessions].map(sessionPath), ...forks.map((fork) => `sessions/${fork}`)].map(shardOf));
  return (path) => {
    const parts = path.split('/');
    if (parts.length === 1 || parts[3] === 'session.md') return true;
    if (parts[0] === 'annotations') return shards.has(parts[1]);
    const id = parts[3] === 'exchanges' ? parseExchangeFile(parts[4] ?? '')?.id : undefined;
    return folders.has(parts.slice(0, 3).join('/')) || (id !== undefined && exchanges.has(id));
  };
}

const shardOf = (path: string): string | undefined => path.split('/')[1];
