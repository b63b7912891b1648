/** What went wrong, in the terms a caller can act on. Translated to words and exit codes in `cli/output.ts` only. */
export type ErrorKind =
  | 'usage' // the command line is wrong
  | 'config' // a configuration file is wrong
  | 'not-found' // the thing named does not exist
  | 'conflict' // somebody else changed it first
  | 'denied' // permission
  | 'unavailable' // a file system, program or server does not answer as it should
  | 'unsupported' // we know what it is and cannot read or do it
  | 'withheld' // the redactor could not vouch for it, so it was not let through
  | 'bug'; // ours

/**
 * The one error type of the product. `message` says what and where; `hint` says what to do next.
 * Errors of libraries and of git are wrapped where they occur and travel in `cause`.
 */
export class SpecstoryError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SpecstoryError';
    this.kind = kind;
    this.hint = options.hint;
  }
}

/** The message of anything thrown, on one line. */
export function reason(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
