import { describe, expect, it } from 'vitest';
import { SpecstoryError } from '../../src/core/errors.ts';
import { type AllowRule, createRedactor, type UserRule } from '../../src/redact/redactor.ts';

const badge: UserRule = { id: 'staff-badge', pattern: 'badge-(\\d{6})', samples: ['badge-123456'] };

function kindOf(rules: readonly UserRule[], allow: readonly AllowRule[] = []): string {
  try {
    createRedactor({ rules, allow });
    return 'accepted';
  } catch (thrown) {
    return thrown instanceof SpecstoryError ? thrown.kind : String(thrown);
  }
}

describe('rules of the person', () => {
  it('replace the secret part', () => {
    const redactor = createRedactor({ rules: [badge] });
    expect(redactor.text('my badge-123456, your badge-12')).toBe('my badge-[REDACTED:staff-badge], your badge-12');
    expect(redactor.tally().counts).toEqual({ 'staff-badge': 1 });
  });

  it('look at the shortest texts', () => {
    expect(createRedactor({ rules: [{ id: 'room', pattern: 'R\\d' }] }).json(['R1'])).toEqual(['[REDACTED:room]']);
  });

  it('take flags, keywords and a group named secret', () => {
    const rule = { id: 'room', pattern: 'room (?<floor>\\d)(?<secret>\\d\\d)', flags: 'i', keywords: ['Room'] };
    expect(createRedactor({ rules: [rule] }).text('In ROOM 123 today')).toBe('In ROOM 1[REDACTED:room] today');
  });

  it('are found across the end of a chunk', () => {
    const text = `${'word '.repeat(1636)}word badge-123456 ${'word '.repeat(100)}`;
    expect(createRedactor({ rules: [badge] }).text(text)).not.toContain('123456');
  });

  it.each<[string, UserRule]>([
    ['does not compile', { id: 'a', pattern: '(' }],
    ['misses its sample', { id: 'a', pattern: 'b', samples: ['a'] }],
    ['finds what it should leave', { id: 'a', pattern: '\\d+', samples: { yes: ['1'], no: ['22'] } }],
    ['has an id that is none', { id: 'A b', pattern: 'a' }],
    ['has flags of its own', { id: 'a', pattern: 'a', flags: 'y' }],
    ['is exponential', { id: 'a', pattern: '^(\\w+\\s?)*$', samples: [] }],
    ['is exponential in its own letters', { id: 'a', pattern: '(q+)+!' }],
    ['is exponential after its sample', { id: 'a', pattern: 'tok_(x+x+)+y', samples: ['tok_xxy'] }],
    ['is quadratic and slow', { id: 'a', pattern: '(?:.*a){6}!' }],
  ])('are refused when one %s', (_, rule) => {
    expect(kindOf([rule])).toBe('config');
  });

  it('that match everywhere take the chunk with them', () => {
    const redactor = createRedactor({ rules: [{ id: 'all', pattern: '.' }] });
    expect(redactor.text(`${'word '.repeat(500)}\nend\n`)).toMatch(/^\[WITHHELD:redactor-timeout\]\n\n$/);
    expect(redactor.tally().withheld).toBe(1);
  });
});

describe('texts that may stay', () => {
  const text = 'password=hunter2hunter2 and badge-123456';

  it.each<[string, AllowRule, string]>([
    ['by value', 'hunter2hunter2', 'password=hunter2hunter2 and badge-[REDACTED:staff-badge]'],
    ['by value and rule', { value: '123456', rule: 'staff-badge' }, 'password=[REDACTED:password] and badge-123456'],
    [
      'not for another rule',
      { value: '123456', rule: 'password' },
      'password=[REDACTED:password] and badge-[REDACTED:staff-badge]',
    ],
    ['by pattern', { pattern: 'hunter2.*' }, 'password=hunter2hunter2 and badge-[REDACTED:staff-badge]'],
    [
      'by a pattern that matches the whole',
      { pattern: 'hunter2' },
      'password=[REDACTED:password] and badge-[REDACTED:staff-badge]',
    ],
  ])('%s', (_, rule, expected) => {
    expect(createRedactor({ rules: [badge], allow: [rule] }).text(text)).toBe(expected);
  });

  it('never let through what was withheld', () => {
    let [now, step] = [0, 0];
    const clock = () => {
      now += step;
      return now;
    };
    const redactor = createRedactor({ allow: [{ pattern: '[^]*' }], clock });
    step = 60;
    expect(redactor.text(text)).toBe('[WITHHELD:redactor-timeout]');
  });

  it.each<[string, AllowRule]>([
    ['does not compile', { pattern: '(' }],
    ['says nothing', {}],
    ['is exponential', { pattern: '(a+)+b' }],
  ])('are refused when one %s', (_, rule) => {
    expect(kindOf([], [rule])).toBe('config');
  });
});
