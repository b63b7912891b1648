import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';

/**
 * Since when entries of a tree are what they are: for each path the time (ISO 8601) of the first commit behind `tip` in which it had its
 * object id, as the committer's clock had it. The same whatever was added since. Paths that no commit is found for are absent. One `git log`.
 */
export async function since(
  repository: Repository,
  tip: string,
  entries: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (entries.size === 0) return found;
  const args = ['log', '--format=%ct', '--raw', '-t', '--root', '--no-abbrev', '--no-renames', '-z', '--stdin'];
  const input = `${tip}\n--\n${[...entries.keys()].map((path) => `${path}\n`).join('')}`;
  const output = await runGit(args, { ...placeOf(repository), input, timeout: 600_000 });
  let seconds = 0;
  const words = output.toString('utf8').split('\0');
  // Newest first: the last word on a path is about the oldest commit.
  for (const [index, word] of words.entries()) {
    seconds = Number(/^\n?(\d+)\n?$/.exec(word)?.[1] ?? seconds);
    const oid = /^\n?:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [A-Z]$/.exec(word)?.[1];
    const path = words[index + 1] ?? '';
    if (oid !== undefined && entries.get(path) === oid) found.set(path, timeOf(seconds));
  }
  return found;
}

/** A clock may say anything; no calendar goes beyond 8.64e12 seconds (ECMA-262, Time Values). */
function timeOf(seconds: number): string {
  return new Date(Math.min(seconds, 8.64e12) * 1000).toISOString();
}
