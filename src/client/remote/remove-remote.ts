import { rmSync } from 'node:fs';
import { SpecstoryError } from '../../core/errors.ts';
import { changeConfig, removeRefs } from '../../git/change-config.ts';
import { readConfig } from '../../git/repository.ts';
import { withLock } from '../../platform/lock.ts';
import { exclusively } from '../capture/capture.ts';
import type { Context } from '../context.ts';
import { forgetSeen } from '../history/rollbacks.ts';
import { ledgerFile, syncLock } from '../sync/place.ts';
import { markOnPush } from './add-remote.ts';
import { checkRemoteName, remoteKeys, trackingRefspec } from './named-remote.ts';

/** Milliseconds to wait for a push that is under way: it may not be cut off, or nobody would know what became of it. */
const patience = 15 * 60_000;

/**
 * Takes a consent back and then the remote, with the copies of what others sent there. From the first step on no request begins; one that
 * is under way is waited for, and its outcome is recorded. Throws `not-found` for a remote that is not ours to remove.
 */
export async function removeRemote(context: Context, name: string, wait = patience): Promise<{ copies: number }> {
  const { repository } = context;
  const keys = remoteKeys(checkRemoteName(name));
  const config = await readConfig(repository);
  const consent = config.get(keys.consent);
  if (consent === undefined && config.get(keys.fetch) !== trackingRefspec(name)) {
    const hint = 'those there are: specstory remote list';
    throw new SpecstoryError('not-found', `no remote ${name} was added with specstory`, { hint });
  }
  if (consent !== undefined) await changeConfig(repository, [{ kind: 'unset', name: keys.consent }]);
  return withLock(syncLock(context), { wait, purpose: `removal of the remote ${name}` }, async () => {
    await changeConfig(repository, [{ kind: 'remove-section', section: `remote.${name}` }]);
    const copies = await exclusively(context, 'remote remove', undefined, () => removeCopies(context, name));
    rmSync(ledgerFile(context, name), { force: true });
    markOnPush(context, await readConfig(repository));
    return { copies };
  });
}

/** Nobody took them back: what is removed here is no rollback. */
async function removeCopies(context: Context, name: string): Promise<number> {
  const copies = await removeRefs(context.repository, `refs/specstory/remotes/${name}/`);
  await forgetSeen(context, name);
  return copies;
}
