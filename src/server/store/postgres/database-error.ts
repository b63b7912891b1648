import { reason, SpecstoryError } from '../../../core/errors.ts';

/** SQLSTATE of PostgreSQL (its manual, appendix A): transactions that stood in each other's way. */
const transient: ReadonlySet<string> = new Set(['40001', '40P01']);
const uniqueKey = '23505';
/** Classes of errors, and codes, after which the same may be tried again: it is not there, is ending, or is full. */
const away = /^(?:08|53|57P0)|^(?:ECONN|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|EPIPE|EHOST|ENET)/;
const refused = /^28/;

/** What a driver threw, as one of our errors. It names no address: that may hold a password. */
export function databaseError(cause: unknown): SpecstoryError {
  if (cause instanceof SpecstoryError) return cause;
  const code = codeOf(cause);
  if (code === uniqueKey) return new SpecstoryError('conflict', reason(cause), { cause });
  if (refused.test(code))
    return new SpecstoryError('denied', `PostgreSQL does not let us in: ${reason(cause)}`, {
      hint: 'look at user and password in --database-url',
      cause,
    });
  const isAway = away.test(code) || /timeout exceeded when trying to connect|Connection terminated/.test(reason(cause));
  if (!isAway) return new SpecstoryError('unavailable', `PostgreSQL: ${reason(cause)}`, { cause });
  return new SpecstoryError('unavailable', `PostgreSQL does not answer: ${reason(cause) || code}`, {
    hint: 'see that it runs, and that --database-url names it',
    cause,
  });
}

/** Whether the database ended this work only because of other work at the same moment. */
export function isTransient(thrown: unknown): boolean {
  return thrown instanceof SpecstoryError && transient.has(codeOf(thrown.cause));
}

/** Several addresses of one host fail together. */
function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}
