import type { HttpResponse } from '../../remote/http.ts';

/** Why a server did not give what was asked for, as a word for programs. */
export type FailureReason =
  | 'auth_required' // sign in
  | 'forbidden' // signed in, not permitted
  | 'not_found'
  | 'protocol' // the server speaks another version
  | 'captive_portal' // somebody else answered, as the sign-in page of a network does
  | 'redirect' // sent elsewhere; a token is not sent there
  | 'bad_answer' // an answer, but none of ours
  | 'rate_limited'
  | 'server_unavailable' // 502, 503, 504
  | 'server_error'
  | 'declined' // understood and said no
  | 'dns'
  | 'refused'
  | 'tls'
  | 'timeout'
  | 'connection'; // broke off

export interface Failure {
  readonly reason: FailureReason;
  /** One line for people: the server's own words where it has some. */
  readonly text: string;
  /** The server's word for programs. */
  readonly code?: string;
  /** Seconds to wait. */
  readonly retryAfter?: number;
}

/** How far a server can be reached: the four words of `sync status --check`. */
export type ConnectionState = 'Connected' | 'Reachable' | 'Unreachable' | 'Error';

export function stateOf(reason: FailureReason): ConnectionState {
  if (reason === 'auth_required' || reason === 'forbidden' || reason === 'not_found') return 'Reachable';
  const away: readonly FailureReason[] = ['dns', 'refused', 'tls', 'timeout', 'connection', 'server_unavailable'];
  return away.includes(reason) || reason === 'rate_limited' ? 'Unreachable' : 'Error';
}

const byStatus: Readonly<Record<number, FailureReason>> = {
  401: 'auth_required',
  403: 'forbidden',
  404: 'not_found',
  412: 'protocol',
  429: 'rate_limited',
  502: 'server_unavailable',
  503: 'server_unavailable',
  504: 'server_unavailable',
  511: 'captive_portal',
};

/** What an answer that is not the one wanted means, by its status and whether it looks like ours. */
export function reasonOf({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>): FailureReason {
  if (status >= 300 && status < 400) return 'redirect';
  const known = byStatus[status];
  if (known === 'server_unavailable') return known;
  // Our server writes JSON; a page is from whoever stands in between.
  if (/^text\/html/i.test(headers['content-type'] ?? '') && status < 500) return 'captive_portal';
  if (known) return known;
  if (status >= 500) return 'server_error';
  return status >= 400 ? 'declined' : 'bad_answer';
}

/** Codes of Node and undici, by their beginning. */
const byCode: readonly (readonly [RegExp, FailureReason])[] = [
  [/^(?:ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/, 'dns'],
  [/^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)/, 'refused'],
  [/^(?:CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/, 'tls'],
  [/^(?:ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|ABORT_ERR)/, 'timeout'],
];

/** What kept a request from being answered, from the codes in the chain of causes. */
export function transportReason(thrown: unknown): FailureReason {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    const found = byCode.find(([pattern]) => pattern.test(code) || (code === '' && pattern.test(at.name)));
    if (found) return found[1];
    if (/timed? ?out|timeout|no sign of life/i.test(at.message)) return 'timeout';
  }
  return 'connection';
}
