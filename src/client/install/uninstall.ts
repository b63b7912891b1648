import { rmdirSync } from 'node:fs';
import path from 'node:path';
import type { FileEdit } from '../../adapters/adapter.ts';
import type { Repository } from '../../git/repository.ts';
import { configFile } from './configured-hooks.ts';
import { removeFromFile } from './hook-file.ts';
import { hookNames } from './hook-script.ts';
import type { Plan } from './install.ts';
import { readRecord, recordFile } from './install-record.ts';
import { lefthookLocalFile } from './lefthook.ts';
import { applyChanges, removal } from './plan.ts';
import { removeEdit } from './settings-edit.ts';

/**
 * Plans to leave every file as it was before `init`: byte for byte, or with what the person wrote into it since. What was captured
 * stays. Works without the record of the installation as well.
 */
export function planUninstall(repository: Repository, edits: readonly FileEdit[] = []): Plan {
  const { commonDir } = repository;
  const record = readRecord(commonDir);
  const settings = new Set(edits.map((edit) => edit.path));
  const candidates = [...new Set([...(record?.files.keys() ?? []), ...usualFiles(repository)])];
  const blocks = candidates
    .filter((file) => !settings.has(file))
    .flatMap((file) => removeFromFile(file, record?.files.get(file)?.created ?? true))
    .map((change) => (change.file === configFile(commonDir) ? { ...change, lock: `${change.file}.lock` } : change));
  const own = ['hook', 'places', 'stamp', 'pending', 'foreground'].map((name) =>
    path.join(commonDir, 'specstory', name),
  );
  // The record goes last: what a crash leaves half done can be done again.
  const files = [...own, recordFile(commonDir)].flatMap((file) => removal(file, 'removes what we made'));
  const folders = [...(record?.folders ?? []).toReversed(), path.join(commonDir, 'specstory')];
  return { changes: [...blocks, ...edits.flatMap(removeEdit), ...files], notes: [], folders };
}

/** Does what was planned, all of it or nothing, and removes folders of ours that are empty then. */
export async function applyUninstall(plan: Plan): Promise<void> {
  await applyChanges(plan.changes);
  for (const folder of plan.folders) {
    try {
      rmdirSync(folder);
    } catch {
      // Something of somebody else is in it, or it is gone already.
    }
  }
}

/** Where a block may be when the record is lost. */
function usualFiles(repository: Repository): string[] {
  const { commonDir, roots, root } = repository;
  const folders = [path.join(commonDir, 'hooks'), ...roots.map((top) => path.join(top, '.husky'))];
  const hooks = folders.flatMap((folder) => hookNames.map((hook) => path.join(folder, hook)));
  const local = lefthookLocalFile(root);
  return [...hooks, configFile(commonDir), path.join(commonDir, 'info', 'exclude'), ...(local ? [local] : [])];
}
