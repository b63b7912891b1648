import { RE2JS, RE2JSException } from 're2js';
import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import type { Condition } from '../query.ts';

/** A regular expression that takes time in proportion to the text, whatever the expression: RE2's kind, without lookaround and references. */
export interface Pattern {
  test(text: string): boolean;
  /** Where it is found: UTF-16 units, the end excluded; at most `limit` places. */
  find(text: string, limit?: number): { readonly from: number; readonly to: number }[];
  /** Phrases that are in every text it is found in, so that an index can look there first. None when any text could have it. */
  readonly needs: Condition | undefined;
}

const longest = 512;
/** Instructions of a compiled expression: `(?:\p{L}{500}){2}` is short and large. */
const largest = 2000;

/** Compiles an expression; case counts only after `(?-i)`. Throws `usage` for one that RE2 does not know, or that is too large. */
export function compilePattern(source: string): Pattern {
  const problem = `cannot search for /${source.slice(0, 60)}/`;
  if (source.length > longest) {
    throw new SpecstoryError('usage', `${problem}: it has more than ${longest} characters`, {
      hint: 'search for a part of it',
    });
  }
  try {
    const compiled = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE | RE2JS.MULTILINE);
    if (compiled.programSize() <= largest) return pattern(compiled, source);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const why = error.message.replace('error parsing regexp: ', '').replace('(?i)', '').replace('(?im)', '');
    throw new SpecstoryError('usage', `${problem}: ${why}`, {
      hint: 'lookaround and back references are not known here',
    });
  }
  throw new SpecstoryError('usage', `${problem}: it is too large`, { hint: 'repeat fewer times' });
}

function pattern(compiled: RE2JS, source: string): Pattern {
  return {
    needs: needs(source),
    test: (text) => compiled.test(text),
    find(text, limit = 100) {
      const found: { from: number; to: number }[] = [];
      const matcher = compiled.matcher(text);
      while (found.length < limit && matcher.find()) found.push({ from: matcher.start(), to: matcher.end() });
      return found;
    },
  };
}

/** What re2js itself looks for before it matches (`Prefilter`): a text, or all or any of others. */
interface Prefilter {
  readonly type: number;
  readonly str: string;
  readonly subs: readonly Prefilter[];
}
const prefilter: z.ZodType<Prefilter> = z.object({
  type: z.int(),
  str: z.string(),
  get subs() {
    return z.array(prefilter);
  },
});

/** From the expression as it is written, as without regard to case re2js looks for nothing. */
function needs(source: string): Condition | undefined {
  const read = prefilter.safeParse(RE2JS.compile(source, RE2JS.MULTILINE).re2().prefilter);
  return read.success ? condition(read.data) : undefined;
}

function condition({ type, str, subs }: Prefilter): Condition | undefined {
  if (type === 1) return str === '' ? undefined : { kind: 'phrase', text: str };
  const of = subs.map(condition);
  const known = of.filter((one) => one !== undefined);
  if (type === 2) return known.length > 1 ? { kind: 'all', of: known } : known[0];
  return type === 3 && known.length === of.length && known.length > 1 ? { kind: 'any', of: known } : undefined;
}
