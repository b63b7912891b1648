import type { Source } from '../../adapters/adapter.ts';
import type { Host } from '../../core/host.ts';
import type { CaptureState } from './state.ts';

/**
 * One look at the agents' stores. A file that was captured and is not among the latest rests: every look asks for its size and times, and
 * nothing more is done for it while these are what they were. So no change goes unseen, and ten thousand files cost little.
 */
export interface Look {
  /** The host that an agent's `find` works with. */
  host(host: Host, agent: string): Host;
  /** Sources that `find` left out because their files are what they were. `found` are those that it gave. */
  leftOut(found: readonly Source[]): number;
  /** Keeps what the next look needs. `found` is all that was not passed over, and the state knows what of it was captured. */
  settle(state: CaptureState, found: readonly Source[]): Promise<void>;
}
