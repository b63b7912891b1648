import { SpecstoryError } from '../../core/errors.ts';
import type { ProjectName, Reindexed } from '../../protocol/administration.ts';
import { asOnlyServer, openDataFolder } from '../data-folder.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { openStores } from '../store/open.ts';
import { Ingest } from './ingest.ts';
import { Reading } from './reading/reading.ts';
import { reindex } from './reindex.ts';

/** Makes the index of a data directory anew that no server has. Throws `conflict` when one has it, and as `reindex`. */
export async function reindexData(
  { data, settings }: LoadedSettings,
  project: ProjectName | undefined,
  hear: (event: Reindexed) => void,
): Promise<void> {
  await openDataFolder(data, { create: false });
  const work = async (): Promise<void> => {
    const { accounts, index: store, repositories, close } = await openStores({ data, url: settings.database_url });
    try {
      // What a crash left of a push or a purge is mended first, as by a start.
      await repositories.recover();
      const ingest = new Ingest({ repositories, store, reading: new Reading() });
      const make = (key: string, each: () => void) => ingest.reindex(key, each);
      await reindex({ projects: accounts.projects, make }, project, hear);
    } finally {
      await close();
    }
  };
  try {
    await asOnlyServer(data, work, 'specstory cloud reindex');
  } catch (thrown) {
    if (!(thrown instanceof SpecstoryError) || thrown.kind !== 'conflict') throw thrown;
    throw new SpecstoryError('conflict', thrown.message, {
      cause: thrown,
      hint: 'ask the server that runs: specstory cloud reindex --server URL --token -; or stop it first',
    });
  }
}
