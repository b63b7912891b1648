import { delimiter, join } from 'node:path';
import type { Talk } from '../../git/remote-refs.ts';
import { packageFolder } from '../package-folder.ts';
import type { NamedRemote } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';

/** Hears how far a sync is: a phase in words, and per cent. */
export type Progress = (phase: string, percent: number) => void;

/** Milliseconds without a word of git. A connection without life is ended by the helper, or by git's own limit, long before; a gigabyte may take its time. */
const idle = 10 * 60_000;

/** Set for every git that sync starts: its hooks and ours know by it that nobody has to sync after it. */
const syncMark = 'SPECSTORY_SYNC';

/** How git talks to a remote: only by the transport that its address names, and with our own helper in reach. */
export function talkTo(
  remote: Pick<NamedRemote, 'name'> & { readonly target: Target },
  options: { readonly progress?: Progress | undefined; readonly report?: string; readonly wall?: number } = {},
): Talk {
  const { progress, report, wall } = options;
  return {
    remote: remote.name,
    protocols: remote.target.protocols,
    env: {
      PATH: [join(packageFolder(), 'hooks', 'bin'), process.env.PATH ?? ''].join(delimiter),
      SPECSTORY_NODE: process.execPath,
      [syncMark]: '1',
      ...(remote.target.protocols.includes('ssh') ? ownSsh() : {}),
      ...(report === undefined ? {} : { SPECSTORY_PUSH_REPORT: report }),
    },
    config: ['http.lowSpeedLimit=1', 'http.lowSpeedTime=60', 'push.gpgSign=false', 'push.followTags=false'],
    limit: wall === undefined ? { idle } : { wall },
    ...(progress ? { progress: (phase, percent) => progress(`${remote.name}: ${phase}`, percent) } : {}),
  };
}

/** The person's own way to start ssh: as with any git, it counts before `core.sshCommand`. */
function ownSsh(): Record<string, string | undefined> {
  const { GIT_SSH, GIT_SSH_COMMAND, GIT_SSH_VARIANT } = process.env;
  return { GIT_SSH, GIT_SSH_COMMAND, GIT_SSH_VARIANT };
}
