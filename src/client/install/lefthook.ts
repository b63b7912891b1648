import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { hasBlock, removeBlock } from '../../core/marked-block.ts';
import { addToFile } from './hook-file.ts';
import type { HookName } from './hook-script.ts';
import { type Change, readBytes } from './plan.ts';

/** What lefthook runs for us: it knows neither git's variables nor the folder of the hooks, and `{1}` stands for the first argument. */
function command(hook: HookName): string {
  const detail = hook === 'post-rewrite' ? ' {1}' : '';
  return `f="$(git rev-parse --git-common-dir)/specstory/hook"; [ ! -r "$f" ] || sh "$f" ${hook}${detail}; true`;
}

/** The file that a person keeps beside the team's `lefthook.yml`, in the same spelling: `lefthook-local.yml`. */
export function lefthookLocalFile(root: string): string | undefined {
  const names = readdirSync(root);
  const main = names
    .map((name) => /^(\.?lefthook)\.(?:ya?ml|toml|json)$/.exec(name)?.[1])
    .find((name) => name !== undefined);
  if (main === undefined) return undefined;
  const local = names.find((name) => name.startsWith(`${main}-local.`) && /\.(?:ya?ml|toml|json)$/.test(name));
  return path.join(root, local ?? `${main}-local.yml`);
}

/**
 * The change that makes lefthook call us in these hooks, or `undefined` when its local file is one that we cannot add to:
 * no YAML, or with commands of its own for one of the hooks.
 */
export function addToLefthook(root: string, hooks: readonly HookName[]): Change[] | undefined {
  const file = lefthookLocalFile(root);
  if (file === undefined || !/\.ya?ml$/.test(file)) return undefined;
  const text = removeBlock(readBytes(file)?.toString('latin1') ?? '');
  const taken = new RegExp(`^["']?(?:${hooks.join('|')})["']?\\s*:`, 'm');
  if (taken.test(text) || /^\s*[{[]|^(?:\.\.\.|---)/m.test(text)) return undefined;
  const lines = hooks.map(
    (hook) => `${hook}:\n  commands:\n    specstory:\n      run: ${JSON.stringify(command(hook))}\n`,
  );
  return addToFile(
    file,
    lines.join(''),
    { place: 'end', head: '' },
    'lefthook calls us (a file of yours, not of the team)',
  );
}

/** Whether lefthook's local file calls us. */
export function isInLefthook(root: string): boolean {
  const file = lefthookLocalFile(root);
  return file !== undefined && existsSync(file) && hasBlock(readBytes(file)?.toString('latin1') ?? '');
}
