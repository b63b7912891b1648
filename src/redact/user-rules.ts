import * as z from 'zod';
import { reason, SpecstoryError } from '../core/errors.ts';
import { asObject, asText } from '../core/json.ts';
import { type AllowRule, allowRuleSchema, type UserRule, userRuleSchema } from '../core/redaction-rule.ts';
import type { Match, WindowDetector } from './match.ts';
import { slowAt } from './slow-pattern.ts';

const overlap = 1024;
const most = 1000;

/** A person's rule, compiled and tested. Throws `config` when it is malformed, fails its own samples or is too slow. */
export function userDetector(rule: UserRule, clock: () => number): WindowDetector {
  check(userRuleSchema, rule, asText(asObject(rule).id) ?? 'without id');
  const pattern = compile(rule.id, rule.pattern, `${rule.flags ?? ''}dg`);
  const { yes, no = [] } = Array.isArray(rule.samples) ? { yes: rule.samples } : (rule.samples ?? { yes: [] });
  refuseSlow(rule.id, pattern, [rule.pattern, ...yes], clock);
  const detector: WindowDetector = {
    keywords: rule.keywords?.map((word) => word.toLowerCase()),
    find(text, from, to, report) {
      const start = Math.max(0, from - overlap);
      const window = text.slice(start, to + overlap);
      for (const match of matchesOf(pattern, window, rule.id)) {
        report({ ...match, start: start + match.start, end: start + match.end });
      }
    },
  };
  refuseFailing(rule.id, detector, yes, no);
  return detector;
}

/** Whether a found text may stay, by these rules. Throws `config` for a bad one. */
export function allowance(rules: readonly AllowRule[], clock: () => number): (secret: string, rule: string) => boolean {
  const tests = rules.map((given) => {
    const { value, pattern, rule } = typeof given === 'string' ? { value: given } : given;
    const name = `allow ${value ?? pattern ?? 'without value'}`;
    check(allowRuleSchema, given, name);
    if ((value === undefined) === (pattern === undefined)) throw refuse(name, 'needs either a value or a pattern');
    if (pattern === undefined) return { only: rule, test: (secret: string) => secret === value };
    const whole = compile(name, `^(?:${pattern})$`, '');
    refuseSlow(name, whole, [pattern], clock);
    return { only: rule, test: (secret: string) => secret.length <= 4096 && whole.test(secret) };
  });
  return (secret, rule) => tests.some(({ only, test }) => (only === undefined || only === rule) && test(secret));
}

function check(schema: z.ZodType, value: unknown, name: string): void {
  const { error } = schema.safeParse(value);
  if (error) throw refuse(name, z.prettifyError(error).replace(/\s*\n\s*/g, ' '));
}

function* matchesOf(pattern: RegExp, window: string, id: string): Generator<Match> {
  let count = 0;
  for (const found of window.matchAll(pattern)) {
    const [start, end] = found.indices?.groups?.secret ?? found.indices?.[1] ?? found.indices?.[0] ?? [0, 0];
    if (end > start) yield { start, end, rule: id, layer: 'user', why: `matches your rule ${id}` };
    // More hits than this in one chunk are not secrets; the scanner withholds the chunk.
    if (++count > most) throw new SpecstoryError('config', `rule ${id} matches everywhere`);
  }
}

function compile(id: string, pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (cause) {
    throw refuse(id, reason(cause), cause);
  }
}

function refuseFailing(id: string, detector: WindowDetector, yes: readonly string[], no: readonly string[]): void {
  const finds = (text: string): boolean => {
    const found: Match[] = [];
    detector.find(text, 0, text.length, (match) => found.push(match));
    return found.length > 0;
  };
  const missed = yes.find((text) => !finds(text));
  if (missed !== undefined) throw refuse(id, `does not find its sample ${JSON.stringify(missed)}`);
  const taken = no.find(finds);
  if (taken !== undefined) throw refuse(id, `finds ${JSON.stringify(taken)}, which it should leave`);
}

function refuseSlow(id: string, pattern: RegExp, hints: readonly string[], clock: () => number): void {
  const length = slowAt(pattern, hints, clock);
  if (length !== undefined) throw refuse(id, `is too slow on ${length} characters`);
}

function refuse(id: string, why: string, cause?: unknown): SpecstoryError {
  return new SpecstoryError('config', `redaction rule ${id}: ${why}`, {
    hint: 'correct or remove the rule; nothing is captured until then',
    ...(cause === undefined ? {} : { cause }),
  });
}
