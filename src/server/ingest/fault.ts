import { SpecstoryError } from '../../core/errors.ts';

export const faultCodes = [
  'bad_session',
  'bad_exchange',
  'bad_annotation',
  'bad_clock',
  'not_permitted',
  'item_too_large',
  'secret_found',
] as const;
type FaultCode = (typeof faultCodes)[number];

/** Why something that was pushed is not taken in: a word for programs, and a line for people that quotes nothing of it. */
export class Fault extends SpecstoryError {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options: { cause?: unknown } = {}) {
    super('unsupported', message, options);
    this.code = code;
  }
}
