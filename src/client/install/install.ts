import path from 'node:path';
import type { FileEdit } from '../../adapters/adapter.ts';
import { isInside } from '../../core/paths.ts';
import { type Repository, readConfig } from '../../git/repository.ts';
import { gitVersion } from '../../git/version.ts';
import { addToConfiguration } from './configured-hooks.ts';
import { addToFile, addToHook } from './hook-file.ts';
import { findHookPlace, type HookPlace, hookFile, managerOf } from './hook-place.ts';
import { bakeHook, hookLines, hookNames, type Programs } from './hook-script.ts';
import { type InstallRecord, readRecord, recordFile, recordText } from './install-record.ts';
import { addToLefthook, lefthookLocalFile } from './lefthook.ts';
import { applyChanges, type Change, lookAt, missingFolders, replacement } from './plan.ts';
import { addEdit } from './settings-edit.ts';

/** What an installation needs to know of the machine. */
export interface InstallOptions {
  /** The text of `hooks/git-hook` and of `hooks/block` of this package. */
  readonly templates: { readonly hook: string; readonly block: string };
  readonly programs: Programs;
  /** The person's home folder, for a `core.hooksPath` with `~/`. */
  readonly home?: string | undefined;
  /** Changes to the settings of agents, from `Adapter.hooks`. */
  readonly edits?: readonly FileEdit[];
  /** The version of git, where it is known already. */
  readonly version?: readonly [major: number, minor: number];
}

/** What would be done, to be shown before it is done. */
export interface Plan {
  readonly changes: readonly Change[];
  /** What the person should know: files that others will see, hooks that cannot be installed. */
  readonly notes: readonly string[];
  /** Folders that are removed in the end if nothing is in them, the innermost first. */
  readonly folders: readonly string[];
}

/**
 * Plans the installation of the hooks into what the repository uses already. An installed repository gives no changes.
 * Throws `unsupported` for a hook that we cannot stand beside, `denied` and `unavailable` for files that cannot be read.
 */
export async function planInstall(repository: Repository, options: InstallOptions): Promise<Plan> {
  const place = await placeOf(repository, options);
  const script = path.join(repository.commonDir, 'specstory', 'hook');
  const baked = Buffer.from(bakeHook(options.templates.hook, options.programs));
  const hooks = place.way === 'none' ? [] : hookChanges(repository, place, options);
  const edits = (options.edits ?? []).flatMap(addEdit);
  const personal = personalFiles(repository, options.edits ?? []);
  const changes = [
    ...replacement(script, baked, 'the script that every hook runs'),
    ...exclusion(repository, [...hooks, ...edits], personal),
    ...hooks,
    ...edits,
  ];
  return {
    changes: [...recordChange(repository, changes), ...changes],
    notes: notesOf(repository, place, changes, personal),
    folders: [],
  };
}

/** Does what was planned, all of it or nothing. Throws as `applyChanges`. */
export async function applyInstall(plan: Plan): Promise<void> {
  await applyChanges(plan.changes);
}

/** Where this repository's hooks belong. */
export async function placeOf(
  repository: Repository,
  options: Pick<InstallOptions, 'home' | 'version'>,
): Promise<HookPlace> {
  const config = await readConfig(repository);
  const version = options.version ?? (await gitVersion(repository.root));
  return findHookPlace(repository, config, version, options.home);
}

function hookChanges(repository: Repository, place: HookPlace, { templates }: InstallOptions): Change[] {
  if (place.way === 'configuration') return addToConfiguration(repository.commonDir);
  const owned = hookNames.filter((hook) => place.way === 'files' && managerOf(hookFile(place, hook)) === 'lefthook');
  const local = owned.length > 0 ? addToLefthook(repository.root, owned) : undefined;
  const direct = hookNames.filter((hook) => local === undefined || !owned.includes(hook));
  const runner = place.way === 'husky' ? 'shell' : 'git';
  return [
    ...(local ?? []),
    ...direct.flatMap((hook) =>
      addToHook(hookFile(place, hook), hookLines(templates.block, hook), runner, `calls us in ${hook}`),
    ),
  ];
}

/** Files of the working tree that are one person's: by path, how an exclude file names them. */
function personalFiles({ root, roots }: Repository, edits: readonly FileEdit[]): ReadonlyMap<string, string> {
  const local = lefthookLocalFile(root);
  const files = [...(local ? [local] : []), ...edits.map((edit) => edit.path)];
  const named = files.flatMap((file) => {
    const top = roots.find((folder) => isInside(file, folder));
    return top === undefined ? [] : [[file, `/${path.relative(top, file).replaceAll(path.sep, '/')}`] as const];
  });
  return new Map(named);
}

/** Personal files that we make are not to show up as something to be added. */
function exclusion(
  { commonDir }: Repository,
  changes: readonly Change[],
  personal: ReadonlyMap<string, string>,
): Change[] {
  const known = readRecord(commonDir)?.files;
  const isMade = (file: string): boolean =>
    known?.get(file)?.created ?? changes.some((change) => change.file === file && lookAt(file) === undefined);
  const names = [...new Set([...personal].filter(([file]) => isMade(file)).map(([, name]) => `${name}\n`))];
  if (names.length === 0) return [];
  const file = path.join(commonDir, 'info', 'exclude');
  return addToFile(file, names.join(''), { place: 'end', head: '' }, 'keeps personal files out of git status');
}

/** The record goes first: whatever a crash leaves half done can be undone by it. */
function recordChange(repository: Repository, changes: readonly Change[]): Change[] {
  const { commonDir } = repository;
  const before: InstallRecord = readRecord(commonDir) ?? { files: new Map(), folders: [] };
  const files = new Map(before.files);
  for (const change of changes) {
    if (change.kind !== 'write' || change.file === path.join(commonDir, 'specstory', 'hook')) continue;
    const moved = changes.some((other) => other.kind === 'move' && other.file === change.file);
    if (!files.has(change.file)) files.set(change.file, { created: change.before === undefined && !moved });
  }
  const own = path.join(commonDir, 'specstory');
  const made = changes.flatMap((change) => missingFolders(change.file).toReversed()).filter((folder) => folder !== own);
  const record = { files, folders: [...new Set([...before.folders, ...made])] };
  return replacement(recordFile(commonDir), Buffer.from(recordText(commonDir, record)), 'remembers what was changed');
}

function notesOf(
  { root, commonDir }: Repository,
  place: HookPlace,
  changes: readonly Change[],
  personal: ReadonlyMap<string, string>,
): string[] {
  const seen = changes
    .map(({ file }) => file)
    .filter((file) => isInside(file, root) && !isInside(file, commonDir) && !personal.has(file))
    .map((file) => path.relative(root, file));
  const notes = place.way === 'none' ? [`${place.why}: hooks cannot capture here; ${place.hint}`] : [];
  if (seen.length > 0) notes.push(`in the working tree, for you to commit or not: ${seen.join(', ')}`);
  return notes;
}
