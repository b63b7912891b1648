import path from 'node:path';
import type { Administration, ProjectName, Reindexed } from '../protocol/administration.ts';
import { administration } from './accounts/administration.ts';
import { passwordCost } from './accounts/password.ts';
import { type Backup, type BackupProgress, backUp as backUpData } from './backup/back-up.ts';
import { openDataFolder } from './data-folder.ts';
import { reindexData } from './ingest/reindex-data.ts';
import { loadSettings, type SettingSources } from './settings/load.ts';
import { settingNames, settingsSchema, shownSetting } from './settings/settings.ts';
import { openAccountStore } from './store/open.ts';

// The only door to the server: the command line starts it here, and administers its data.
export { serve } from './serve.ts';
export { loadSettings };

/** Every setting as a person may see it, with where it comes from. */
export async function describeSettings(sources: SettingSources) {
  const { data, settings, from } = await loadSettings(sources);
  const rows = settingNames.map((name) => ({
    name,
    value: shownSetting(name, settings[name]) ?? null,
    from: from.get(name) ?? 'default',
    meaning: settingsSchema.shape[name].description ?? '',
  }));
  return { data, settings: rows };
}

/** Does administrative work on a data directory; a server may be running on it. Throws `not-found` when it is none. */
export async function administer<T>(sources: SettingSources, work: (admin: Administration) => Promise<T>): Promise<T> {
  const { data, settings } = await loadSettings(sources);
  await openDataFolder(data, { create: false });
  const store = await openAccountStore({ data, url: settings.database_url });
  try {
    return await work(administration({ store, cost: passwordCost, now: Date.now }));
  } finally {
    await store.close();
  }
}

/** Copies a data directory into `folder` as it is now; a server may be running on it. Throws as `administer`, and what `backUp` throws. */
export async function backUp(sources: SettingSources, folder: string, progress: BackupProgress): Promise<Backup> {
  return backUpData(await loadSettings(sources), path.resolve(sources.cwd, folder), progress);
}

/** Makes the index of a data directory anew, of one project or of all. Throws as `administer`, and `conflict` while a server has it. */
export async function reindex(
  sources: SettingSources,
  project: ProjectName | undefined,
  hear: (event: Reindexed) => void,
): Promise<void> {
  return reindexData(await loadSettings(sources), project, hear);
}
