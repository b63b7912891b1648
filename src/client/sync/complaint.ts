import type { Talked } from '../../git/remote-refs.ts';
import type { FailureReason } from '../account/failure.ts';
import type { Outcome } from './reconcile.ts';

/** What git complained of while it talked to a remote. */
export interface Complaint {
  readonly outcome: Outcome;
  readonly reason: FailureReason | 'helper_missing' | 'not_allowed';
  readonly text: string;
}

const known: readonly (readonly [RegExp, Outcome, Complaint['reason']])[] = [
  [/remote-specstory' is not a git command|unable to find remote helper/i, 'failed', 'helper_missing'],
  [/transport '.*' not allowed/i, 'failed', 'not_allowed'],
  [/Could not resolve (?:host|proxy|hostname)|name resolution|Name or service not known/i, 'unreachable', 'dns'],
  [/SSL|TLS|certificate|Host key verification failed/i, 'unreachable', 'tls'],
  [/timed out|timeout|too slow/i, 'unreachable', 'timeout'],
  [/Failed to connect|Connection refused|Couldn't connect|No route to host|unreachable/i, 'unreachable', 'refused'],
  [
    /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|error: 401|Permission denied \(|specstory login/i,
    'auth',
    'auth_required',
  ],
  [/error: 403|access denied|Permission to .* denied|not permitted/i, 'denied', 'forbidden'],
  [/error: 412|Specstory-Protocol|speaks protocol/i, 'protocol', 'protocol'],
  [/error: 429/i, 'retryable', 'rate_limited'],
  [/error: 50[234]/i, 'retryable', 'server_unavailable'],
  [/error: 5\d\d/i, 'retryable', 'server_error'],
  [/redirect/i, 'protocol', 'redirect'],
  [
    /not valid: is this a git repository|invalid server response|expected (?:packfile|service|flush)|bad line length|not what git speaks|protocol error/i,
    'protocol',
    'bad_answer',
  ],
  [/not found|does not appear to be a git repository|does not exist|error: 404/i, 'denied', 'not_found'],
  [
    /unexpected disconnect|hung up unexpectedly|early EOF|RPC failed|Recv failure|Connection reset|remote end hung up/i,
    'unknown',
    'connection',
  ],
];

/** What a talk that failed means, from what git said in the C locale; its first complaint is the text. */
export function complaintOf({ stderr, timedOut }: Talked): Complaint {
  const text = /^(?:fatal|error): (.*)$/m.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1) ?? '';
  if (timedOut) return { outcome: 'unknown', reason: 'timeout', text: 'it took too long' };
  const found = known.find(([pattern]) => pattern.test(stderr));
  const [, outcome, reason] = found ?? [undefined, 'failed', 'bad_answer'];
  return { outcome, reason, text: text || 'git gave no reason' };
}
