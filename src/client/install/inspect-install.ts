import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { hasBlock } from '../../core/marked-block.ts';
import type { Repository } from '../../git/repository.ts';
import { isInConfiguration } from './configured-hooks.ts';
import { type HookPlace, hookFile, managerOf } from './hook-place.ts';
import { bakeHook, type HookName, hookNames } from './hook-script.ts';
import { type InstallOptions, placeOf } from './install.ts';
import { readRecord } from './install-record.ts';
import { isInLefthook } from './lefthook.ts';
import { readBytes } from './plan.ts';

/** How one hook stands. */
type HookState =
  | 'installed'
  /** Nothing of ours is where git looks. */
  | 'missing'
  /** Ours is there, and git looks elsewhere since. */
  | 'shadowed'
  /** Ours was there, and a hook manager or a person wrote the file anew. */
  | 'rewritten'
  /** git does not run the file, because it may not be executed. */
  | 'disabled'
  /** husky was not set up in this working tree, so that no hook runs in it. */
  | 'unprepared';

interface HookReport {
  readonly hook: HookName;
  readonly file: string;
  readonly state: HookState;
  /** What to do about it. */
  readonly hint?: string;
}

export interface InstallReport {
  readonly place: HookPlace;
  readonly hooks: readonly HookReport[];
  /** The script behind the hooks: as this version would write it, older, missing, or pointing to programs that are gone. */
  readonly script: 'current' | 'outdated' | 'missing' | 'broken';
}

const hints: Partial<Record<HookState, string>> = {
  missing: 'run: specstory init',
  shadowed: 'run: specstory init',
  rewritten: 'run: specstory init',
  disabled: 'make the file executable',
  unprepared: 'run the install script of the project (npm install) in this working tree',
};

/** How the hooks stand in this working tree, for `status` and `doctor`. Reads only. */
export async function inspectInstall(repository: Repository, options: InstallOptions): Promise<InstallReport> {
  const place = await placeOf(repository, options);
  const recorded = readRecord(repository.commonDir)?.files ?? new Map();
  const hooks = hookNames.map((hook): HookReport => {
    const file = hookFile(place, hook);
    const state = stateOf(repository, place, file, recorded);
    const hint = state !== 'installed' && place.way === 'none' ? place.hint : hints[state];
    return { hook, file, state, ...(hint !== undefined && { hint }) };
  });
  return { place, hooks, script: scriptState(repository, options) };
}

function stateOf(
  repository: Repository,
  place: HookPlace,
  file: string,
  recorded: ReadonlyMap<string, unknown>,
): HookState {
  if (place.way === 'configuration' && isInConfiguration(repository.commonDir)) return 'installed';
  if (place.way === 'files' && managerOf(file) === 'lefthook' && isInLefthook(repository.root)) return 'installed';
  if (place.way !== 'none' && place.way !== 'configuration' && isMarked(file)) return stateOfMarked(place, file);
  if (recorded.has(file) && existsSync(file)) return 'rewritten';
  const elsewhere = [...recorded.keys()].some(
    (other) => path.basename(other) === path.basename(file) && isMarked(other),
  );
  return elsewhere ? 'shadowed' : 'missing';
}

function stateOfMarked(place: HookPlace, file: string): HookState {
  if (place.way === 'husky')
    return existsSync(path.join(place.stubs, path.basename(file))) ? 'installed' : 'unprepared';
  const isRun = process.platform === 'win32' || (statSync(file).mode & 0o111) !== 0;
  return isRun ? 'installed' : 'disabled';
}

function isMarked(file: string): boolean {
  return existsSync(file) && hasBlock(readBytes(file)?.toString('latin1') ?? '');
}

function scriptState({ commonDir }: Repository, { templates, programs }: InstallOptions): InstallReport['script'] {
  const text = readBytes(path.join(commonDir, 'specstory', 'hook'))?.toString('utf8');
  if (text === undefined) return 'missing';
  if (text === bakeHook(templates.hook, programs)) return existsSync(programs.worker) ? 'current' : 'broken';
  return 'outdated';
}
