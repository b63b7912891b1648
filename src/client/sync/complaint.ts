import type { Talked } from '../../git/remote-refs.ts';
import type { FailureReason } from '../account/failure.ts';
import type { Outcome } from './reconcile.ts';

/** What git complained of while it talked to a remote. */
export interface Complaint {
  readonly outcome: Outcome;
  readonly reason: FailureReason | 'helper_missing' | 'not_allowed';
  readonly text: string;
}

/** Words of git, curl and ssh, and of our own helper, whose errors carry the codes of Node and of HTTP. */
const known: readonly (readonly [RegExp, Outcome, Complaint['reason']])[] = [
  [/remote-specstory' is not a git command|unable to find remote helper/i, 'failed', 'helper_missing'],
  [/transport '.*' not allowed/i, 'failed', 'not_allowed'],
  [/Could not resolve|name resolution|Name or service not known|ENOTFOUND|EAI_AGAIN/i, 'unreachable', 'dns'],
  [/certificate|\bSSL\b|\bTLS\b|Host key verification|EPROTO/i, 'unreachable', 'tls'],
  [/timed out|timeout|too slow|ETIMEDOUT|in time/i, 'unreachable', 'timeout'],
  [
    /Failed to connect|Couldn't connect|No route to host|unreachable|E(?:CONNREFUSED|HOSTUNREACH|NETUNREACH)|Connection refused/i,
    'unreachable',
    'refused',
  ],
  [
    /Authentication failed|could not read (?:Username|Password)|prompts disabled|error: 401|Permission denied \(|not signed in/i,
    'auth',
    'auth_required',
  ],
  [/(?:error:|HTTP) 403|access denied|Permission to .* denied|not permitted|no permission/i, 'denied', 'forbidden'],
  [/(?:error:|HTTP) 412|speaks (?:another version|protocol)/i, 'protocol', 'protocol'],
  [/(?:error:|HTTP) 429/i, 'retryable', 'rate_limited'],
  [/(?:error:|HTTP) 50[234]/i, 'retryable', 'server_unavailable'],
  [/(?:error:|HTTP) 5\d\d/i, 'retryable', 'server_error'],
  [/redirect|sends us on/i, 'protocol', 'redirect'],
  [
    /is this a git repository|invalid server response|expected (?:packfile|service|flush)|bad line length|protocol error|is not a specstory server/i,
    'protocol',
    'bad_answer',
  ],
  [/not found|does not appear to be a git repository|does not exist|error: 404|no project/i, 'denied', 'not_found'],
  [
    /unexpected disconnect|hung up|early EOF|RPC failed|Recv failure|connection (?:was )?(?:re|c)|ECONNRESET|EPIPE/i,
    'unknown',
    'connection',
  ],
];

/** What a talk that failed means, from what git said in the C locale; the first complaint
 * of our helper or of git is the text. */
export function complaintOf({ stderr, timedOut }: Talked): Complaint {
  const words = /^specstory: (?! *hint:)(.*)$/m.exec(stderr) ?? /^(?:fatal|error): (.*)$/m.exec(stderr);
  const text = words?.[1] ?? stderr.trim().split('\n').at(-1) ?? '';
  if (timedOut) return { outcome: 'unknown', reason: 'timeout', text: 'it took too long' };
  const found = known.find(([pattern]) => pattern.test(stderr));
  const [, outcome, reason] = found ?? [undefined, 'failed', 'bad_answer'];
  return { outcome, reason, text: text || 'git gave no reason' };
}
