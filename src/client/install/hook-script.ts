import { realpathSync } from 'node:fs';
import path from 'node:path';
import { isInside } from '../../core/paths.ts';
import { shellQuote } from '../../core/shell-quote.ts';

/** The hooks of git that we are called by. */
export const hookNames = ['pre-commit', 'post-commit', 'post-rewrite', 'pre-push'] as const;
export type HookName = (typeof hookNames)[number];

/** What a hook starts: absolute paths. */
export interface Programs {
  /** Spellings of Node, the most lasting first: an upgrade may remove one. */
  readonly nodes: readonly string[];
  readonly worker: string;
}

/** The script behind every hook, with the programs of this machine in it: the one place where paths become shell text. */
export function bakeHook(template: string, { nodes, worker }: Programs): string {
  return template
    .replace('@nodes@', () => nodes.map(shellQuote).join(' '))
    .replace('@worker@', () => shellQuote(worker));
}

/** The lines of the block for one hook. */
export function hookLines(template: string, hook: HookName): string {
  return template.replace('@hook@', hook);
}

/** The command that an agent's settings call: nothing happens when the script is gone, so that an agent never complains. */
export function agentCommand(script: string, agent: string): string {
  const word = shellQuote(script);
  return `[ ! -r ${word} ] || sh ${word} ${agent}`;
}

/**
 * The running Node, first as PATH has it: a package manager's `bin/node` survives an upgrade, the folder of a version does not.
 * Entries of PATH that are relative or inside the repository are passed over.
 */
export function nodeSpellings(running: string, searchPath: string, roots: readonly string[]): string[] {
  const name = path.basename(running);
  const found = searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder) && !roots.some((root) => isInside(folder, root)))
    .map((folder) => path.join(folder, name))
    .filter((file) => real(file) === real(running));
  return [...new Set([...found.slice(0, 1), running])];
}

function real(file: string): string | undefined {
  try {
    return realpathSync.native(file);
  } catch {
    return undefined;
  }
}
