import type { Route } from '../../client/remote/routes.ts';
import type { RemoteStatus, SyncStatus } from '../../client/sync/status.ts';
import { counted } from '../../core/text.ts';
import type { Output } from '../output.ts';

/** The state of sync for scripts; the shape is promised in docs/sync.md. */
export function syncStatusJson({ remotes, ...status }: SyncStatus): Record<string, unknown> {
  return {
    ...status,
    remotes: remotes.map(({ lastPush, lastFetch, connection, ...remote }) => ({
      ...remote,
      last_push: lastPush,
      last_fetch: lastFetch,
      connection: connection && {
        state: connection.state,
        reason: connection.reason,
        text: connection.text,
        rolled_back: connection.isRolledBack ?? null,
      },
    })),
  };
}

export function syncStatusLines(output: Output, status: SyncStatus): void {
  if (status.remotes.length === 0)
    output.line('nothing leaves this repository: no remote was named (specstory remote add)');
  if (status.uncaptured > 0)
    output.line(`${counted(status.uncaptured, 'source')} with something that is not captured yet`);
  if (status.problem) output.line(`last capture: ${status.problem}`);
  for (const remote of status.remotes) {
    const mark = remote.healthy ? output.style('green', '✓') : output.style('red', '✗');
    output.line(`${mark} ${output.style('bold', remote.name)} ${remote.url}`);
    for (const [label, text] of remoteRows(remote)) output.line(`    ${label.padEnd(11)}${text}`);
  }
  if (status.healthy) output.line(`${output.style('green', '✓')} everything is where it should be`);
}

function remoteRows(remote: RemoteStatus): [label: string, text: string][] {
  const { problem, unpushed, unfetched, lastPush, lastFetch, open, connection } = remote;
  const last = (done: RemoteStatus['lastPush']): string =>
    done
      ? `${done.at.slice(0, 16).replace('T', ' ')} UTC, ${done.outcome}${done.reason ? `: ${done.reason}` : ''}`
      : 'never';
  const rows: [string, string][] = [
    ['unsent', `${counted(unpushed.history, 'commit')} of the history, ${unpushed.raw} of the original records`],
    ['unfetched', unfetched === null ? 'not known' : counted(unfetched, 'ref')],
    ['last push', last(lastPush)],
    ['last fetch', last(lastFetch)],
  ];
  if (problem) rows.unshift(['consent', problem]);
  if (connection) rows.unshift(['connection', `${connection.state}: ${connection.text}`]);
  if (connection?.isRolledBack)
    rows.push(['rolled back', 'the remote no longer holds what was sent; nothing is lost here']);
  for (const { session, status, reason } of open) rows.push([status, `${session}${reason ? `: ${reason}` : ''}`]);
  return rows;
}

export function routeLines(output: Output, routes: readonly Route[]): void {
  if (routes.length === 0) output.line('nothing leaves this repository: no remote was named (specstory remote add)');
  for (const { name, url, onPush, problem, audience } of routes) {
    output.line(`${output.style('bold', name)} ${url}${onPush ? ' (after each push of code)' : ''}`);
    if (problem) output.line(`    nothing is sent: ${problem}`);
    if (!audience) continue;
    output.line(`    ${audience.visibility}: ${audience.detail}`);
    for (const { name: member, role } of audience.members ?? []) output.line(`    ${member} (${role})`);
  }
}
