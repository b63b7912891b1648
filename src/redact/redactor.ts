import { reason, SpecstoryError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { Redacted } from '../core/redacted.ts';
import type { AllowRule, UserRule } from '../core/redaction-rule.ts';
import type { Exchange, SessionMeta } from '../core/session.ts';
import { vouch } from '../core/vouch.ts';
import { redactJsonText } from './json-line.ts';
import type { KnownValue } from './known-values.ts';
import type { Layer } from './match.ts';
import { openTextRedactor, type RedactorOptions } from './open-text-redactor.ts';
import type { TextRedactor } from './text-redactor.ts';
import { redactValue, type Walk } from './walk.ts';

export type { AllowRule, KnownValue, RedactorOptions, UserRule };

/** Something the redactor would replace. */
export interface Finding {
  readonly rule: string;
  /** First character in the text, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly layer: Layer;
  /** How it was recognised; never the secret. */
  readonly why: string;
}

/** What was replaced so far. */
export interface Tally {
  /** Placeholders by rule. */
  readonly counts: Readonly<Record<string, number>>;
  /** Passages that could not be checked and were taken out whole. */
  readonly withheld: number;
}

/** The gate: what it gives is the only text that may be written, indexed or sent. None of its functions throws. */
export interface Redactor {
  text(text: string): Redacted<string>;
  /** Every string and every key. */
  json(value: Json): Redacted<Json>;
  /** Valid again by `exchangeSchema`; ids, times and words of ours stay usable. */
  exchange(exchange: Exchange): Redacted<Exchange>;
  meta(meta: SessionMeta): Redacted<SessionMeta>;
  /** Any JSON-like value; exchanges and session metadata inside it keep their ids. */
  value<T>(value: T): Redacted<T>;
  /** One native record: JSON keeps every byte outside the strings that changed; with `value` undefined it is plain text. */
  line(text: string, value: unknown): Redacted<string>;
  /** What `text` would replace, in order. */
  find(text: string): Finding[];
  tally(): Tally;
}

/**
 * Starts a redactor. Throws `config` for a bad rule (it does not compile, fails its samples, or is too slow) and
 * `withheld` when the redactor cannot start, so that nothing is captured without it.
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const texts = start(options);
  const walk: Walk = {
    field: (text, names) => texts.field(text, names),
    id: (text) => texts.id(text),
    tooDeep: () => texts.withhold('nested-too-deeply'),
  };
  const value = <T>(given: T): Redacted<T> => vouch(redactValue(given, walk));
  return {
    value,
    json: value,
    exchange: value,
    meta: value,
    text: (text) => vouch(texts.text(text)),
    line: (text, parsed) => {
      const json = parsed === undefined ? undefined : redactJsonText(text, walk.field);
      return vouch(json ?? texts.text(text));
    },
    find: (text) => texts.find(text).map(({ rule, start, end, layer, why }) => ({ rule, start, end, layer, why })),
    tally: () => texts.tally(),
  };
}

function start(options: RedactorOptions): TextRedactor {
  try {
    return openTextRedactor(options);
  } catch (cause) {
    if (cause instanceof SpecstoryError) throw cause;
    throw new SpecstoryError('withheld', `the redactor cannot start: ${reason(cause)}`, {
      hint: 'nothing is captured without it; please report this',
      cause,
    });
  }
}
