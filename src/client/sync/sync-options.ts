import type { Audience } from '../remote/audience.ts';
import type { NamedRemote } from '../remote/named-remote.ts';
import type { Progress } from './talk.ts';

/** What a sync is asked to do. */
export interface SyncOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Capture only this session, and report only on it. */
  readonly session?: string;
  /** Write nothing and ask for nothing that changes anything. */
  readonly dryRun?: boolean;
  /** Only send: for tokens that may not read. */
  readonly sendOnly?: boolean;
  /** Only the remotes that are to follow a push of code. */
  readonly onPush?: boolean;
  /** Asked before the first push to a remote that everybody, or nobody knows who, can read. */
  readonly agree: (remote: NamedRemote, audience: Audience) => Promise<boolean>;
  /** Hears of a first push that will make a project of this account's own on a server. */
  readonly founding?: (remote: NamedRemote, audience: Audience) => void;
  readonly progress?: Progress;
  /** Hears how far the capture is. */
  readonly capturing?: (done: number, total: number) => void;
}
