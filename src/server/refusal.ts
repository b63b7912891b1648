import { type ErrorKind, SpecstoryError } from '../core/errors.ts';

/** Why a request is refused: the word that programs get. `middleware/errors.ts` has the status of each. */
export type RefusalCode =
  | 'bad_request'
  | 'bad_encoding'
  | 'unsupported_media_type'
  | 'too_large'
  | 'unauthorized'
  | 'invalid_grant'
  | 'insufficient_scope'
  | 'insufficient_role'
  | 'cross_site'
  | 'not_found'
  | 'conflict'
  | 'protocol_mismatch'
  | 'rate_limited'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'access_denied'
  | 'not_implemented'
  | 'unavailable';

/** A request that is answered with no. Its message and hint are shown to who asked: they say nothing that it may not know. */
export class Refusal extends SpecstoryError {
  readonly code: RefusalCode;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(
    code: RefusalCode,
    message: string,
    options: { hint?: string; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(kinds[code] ?? 'usage', message, options);
    this.name = 'Refusal';
    this.code = code;
    this.retryAfter = options.retryAfter;
  }
}

const kinds: { readonly [code in RefusalCode]?: ErrorKind } = {
  unauthorized: 'denied',
  invalid_grant: 'denied',
  insufficient_scope: 'denied',
  insufficient_role: 'denied',
  cross_site: 'denied',
  access_denied: 'denied',
  not_found: 'not-found',
  conflict: 'conflict',
  protocol_mismatch: 'unsupported',
  rate_limited: 'unavailable',
  unavailable: 'unavailable',
};
