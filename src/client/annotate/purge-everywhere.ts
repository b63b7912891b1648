import type { SessionId } from '../../core/ids.ts';
import { readConfig } from '../../git/repository.ts';
import { withLock } from '../../platform/lock.ts';
import { online } from '../account/online.ts';
import { exclusively } from '../capture/capture.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { settleHistory } from '../history/settle-history.ts';
import { consentedRemotes } from '../remote/named-remote.ts';
import { forgetOpen } from '../sync/ledger.ts';
import { syncLock } from '../sync/place.ts';
import { purgeRemote, type RemotePurge, sendBefore } from '../sync/purge-remote.ts';
import { deleteAll, doomedOf, type PurgeReport, purgeLocally, remainsNow } from './purge.ts';

export interface FullPurge extends PurgeReport {
  /** What became of it on each remote that was named. */
  readonly servers: readonly RemotePurge[];
}

interface Options {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Hears which remote is asked. */
  readonly asking?: (remote: string) => void;
}

/**
 * Purges sessions here (`purgeLocally`) and on every remote that was named: a server takes them out of all refs that are this account's, or of all there are when
 * it owns the project, and drops the objects. The deletion is sent first, so that both rewrite the same commits into the same ones, and the
 * next push goes forward. Throws `conflict` while a sync is at work.
 */
export async function purgeEverywhere(
  context: Context,
  ids: readonly SessionId[],
  options: Options,
): Promise<FullPurge> {
  const remotes = consentedRemotes(await readConfig(context.repository));
  if (remotes.length === 0) return { ...(await purgeLocally(context, ids)), servers: [] };
  return withLock(syncLock(context), { wait: 60_000, purpose: 'purge' }, () =>
    online(options, async (ways) => {
      await exclusively(context, 'purge', undefined, () => deleteAll(context, ids));
      const writer = await writerOf(context);
      for (const remote of remotes) await sendBefore(context, { remote, writer });
      const here = await purgeLocally(context, ids);
      const doomed = await doomedOf(context, here.purged);
      const servers: RemotePurge[] = [];
      for (const remote of remotes) {
        options.asking?.(remote.name);
        await forgetOpen(context, remote.name, here.purged);
        servers.push(await purgeRemote(context, ways, { remote, writer }, doomed));
      }
      await exclusively(context, 'purge', undefined, () => settleHistory(context));
      return { ...here, ...(await remainsNow(context, doomed)), servers };
    }),
  );
}
