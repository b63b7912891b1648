import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock, isTime, timeBounds } from '../../../src/search/language/times.ts';

/** A Wednesday. */
const now = new Date('2026-03-04T10:20:30.400Z');
const clock: Clock = { now, tagDate: (tag) => (tag === 'v1.4' ? new Date('2026-01-02T22:30:00Z') : undefined) };

function on(value: string, zone = 'UTC'): string | undefined {
  const span = timeBounds('on', value, { ...clock, zone });
  return span && `${span.from?.toISOString()} ${span.to?.toISOString()}`.replaceAll(':00.000Z', 'Z');
}

describe('timeBounds', () => {
  it.each([
    ['today', '2026-03-04T00:00Z 2026-03-05T00:00Z'],
    ['Yesterday', '2026-03-03T00:00Z 2026-03-04T00:00Z'],
    ['this week', '2026-03-02T00:00Z 2026-03-09T00:00Z'],
    ['last week', '2026-02-23T00:00Z 2026-03-02T00:00Z'],
    ['last_month', '2026-02-01T00:00Z 2026-03-01T00:00Z'],
    ['last year', '2025-01-01T00:00Z 2026-01-01T00:00Z'],
    ['this hour', '2026-03-04T10:00Z 2026-03-04T11:00Z'],
    ['monday', '2026-03-02T00:00Z 2026-03-03T00:00Z'],
    ['wednesday', '2026-03-04T00:00Z 2026-03-05T00:00Z'],
    ['last wednesday', '2026-02-25T00:00Z 2026-02-26T00:00Z'],
    ['7d', '2026-02-25T10:20:30.400Z 2026-03-04T10:20:30.400Z'],
    ['-2w', '2026-02-18T10:20:30.400Z 2026-03-04T10:20:30.400Z'],
    ['30 minutes ago', '2026-03-04T09:50:30.400Z 2026-03-04T10:20:30.400Z'],
    ['36h', '2026-03-02T22:20:30.400Z 2026-03-04T10:20:30.400Z'],
    ['2mo', '2026-01-04T10:20:30.000Z 2026-03-04T10:20:30.400Z'],
    ['1 year', '2025-03-04T10:20:30.000Z 2026-03-04T10:20:30.400Z'],
    ['2026', '2026-01-01T00:00Z 2027-01-01T00:00Z'],
    ['2026-02', '2026-02-01T00:00Z 2026-03-01T00:00Z'],
    ['2026-02-28', '2026-02-28T00:00Z 2026-03-01T00:00Z'],
    ['2026-W01', '2025-12-29T00:00Z 2026-01-05T00:00Z'],
    ['2026-02-28T10', '2026-02-28T10:00Z 2026-02-28T11:00Z'],
    ['2026-02-28 10:15', '2026-02-28T10:15Z 2026-02-28T10:16Z'],
    ['2026-02-28T10:15:30+02:00', '2026-02-28T08:15:30.000Z 2026-02-28T08:15:31.000Z'],
    ['v1.4', '2026-01-02T22:30Z 2026-01-03T00:00Z'],
  ])('takes %j for %s', (value, span) => {
    expect(on(value)).toBe(span);
  });

  it.each([
    ['yesterday', 'Europe/Berlin', '2026-03-02T23:00Z 2026-03-03T23:00Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00Z 2026-03-29T22:00Z'],
    ['2026-11-01', 'America/New_York', '2026-11-01T04:00Z 2026-11-02T05:00Z'],
    ['2026-02-28T10:15', 'Asia/Kolkata', '2026-02-28T04:45Z 2026-02-28T04:46Z'],
    ['2026-02-28T10:15Z', 'Asia/Kolkata', '2026-02-28T10:15Z 2026-02-28T10:16Z'],
    ['v1.4', 'Asia/Tokyo', '2026-01-02T22:30Z 2026-01-03T15:00Z'],
  ])('takes %j in %s for %s', (value, zone, span) => {
    expect(on(value, zone)).toBe(span);
  });

  it.each(['3m', '2026-13', '2026-02-30', '2026-02-28T25', '2026-W54', 'soon', '7', '', '99999y', 'this monday', 'v9'])(
    'knows no time %j',
    (value) => {
      expect(on(value)).toBeUndefined();
    },
  );

  it('begins where a time begins, and ends there', () => {
    const from = new Date('2026-03-03T00:00:00Z');
    expect(timeBounds('after', 'yesterday', clock)).toEqual({ from });
    expect(timeBounds('before', 'yesterday', clock)).toEqual({ to: from });
  });

  it('gives spans that do not end before they begin, for any text', () => {
    const value = fc.oneof(
      fc.string(),
      fc.stringMatching(/^-?\d{1,5} ?(min|h|d|w|mo|y)$/),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    fc.assert(
      fc.property(value, fc.constantFrom('UTC', 'America/St_Johns', 'Pacific/Apia'), (text, zone) => {
        const span = timeBounds('on', text, { now, zone });
        if (span?.from && span.to) expect(span.from.getTime()).toBeLessThanOrEqual(span.to.getTime());
        if (isTime(text) && !/y$/.test(text)) expect(span).toBeDefined();
      }),
    );
  });
});
