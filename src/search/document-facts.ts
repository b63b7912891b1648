import type { Exchange } from '../core/session.ts';
import { promptOf } from '../core/session.ts';
import { pathsOf, turnsOf } from '../core/turns.ts';
import type { Ran } from './document-flags.ts';
import { relativeTo } from './relative-path.ts';

/** Characters of a path; longer ones are no paths. */
const longestPath = 1024;

/** Files that an exchange changed, also those whose change was refused, and those it only read; below the working folder without it. */
export function filesOf(exchange: Exchange, cwd: string | undefined): { edited: string[]; read: string[] } {
  const relative = relativeTo(cwd);
  const edited = new Set<string>();
  const read = new Set<string>();
  for (const turn of turnsOf(exchange)) {
    const edits = [...(turn.call?.edits ?? []), ...turn.results.flatMap((result) => result.edits ?? [])];
    for (const { path, to } of edits) for (const one of [path, to]) if (one) edited.add(relative(one));
    for (const path of pathsOf(turn)) (turn.call?.type === 'write' ? edited : read).add(relative(path));
  }
  for (const path of edited) read.delete(path);
  return { edited: sound(edited), read: sound(read) };
}

function sound(paths: Iterable<string>): string[] {
  return [...paths].filter((path) => path !== '' && path.length <= longestPath && !/[\n\r]/.test(path));
}

/** Names of the tools that were used. */
export function toolsOf({ messages }: Exchange): Set<string> {
  const calls = messages.flatMap(({ parts }) => parts.filter((part) => part.kind === 'tool_call'));
  return new Set(calls.map(({ name }) => name.slice(0, 200)));
}

/** The commits that `git commit` told of, and pull requests and issues that are named by address, by `gh`, or in the prompt as `#12` (as both). */
export function linksOf(exchange: Exchange, commands: readonly Ran[]) {
  const prompt = promptOf(exchange.messages).slice(0, 20_000);
  const ran = commands.map(({ command }) => command.slice(0, 4000)).join('\n');
  const output = commands.map(({ result }) => result?.text.slice(0, 4000) ?? '').join('\n');
  const named = found(/(?:^|[\s(])#(\d{1,9})\b/g, prompt);
  const everywhere = `${prompt}\n${ran}\n${output}`;
  const commits = commands.flatMap(({ command, result }) =>
    /\bcommit\b/.test(command)
      ? found(/^\[[^\]\n]{0,200} ([0-9a-f]{7,40})\]/gm, result?.text.slice(0, 20_000) ?? '')
      : [],
  );
  const pulls = [
    ...named,
    ...found(/\/(?:pull|merge_requests)\/(\d{1,9})\b/g, everywhere),
    ...found(/\bgh pr \w+ #?(\d{1,9})\b/g, ran),
  ];
  const issues = [
    ...named,
    ...found(/\/issues\/(\d{1,9})\b/g, everywhere),
    ...found(/\bgh issue \w+ #?(\d{1,9})\b/g, ran),
  ];
  return { commits: new Set(commits), pulls: new Set(pulls), issues: new Set(issues) };
}

function found(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].flatMap(([, value]) => value ?? []);
}
