import type { Administration } from '../protocol/administration.ts';
import { administration } from './accounts/administration.ts';
import { passwordCost } from './accounts/password.ts';
import { openDataFolder } from './data-folder.ts';
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
