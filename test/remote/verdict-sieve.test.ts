import fc from 'fast-check';
import { expect, it } from 'vitest';
import { verdictLine } from '../../src/protocol/verdict.ts';
import { VerdictSieve } from '../../src/remote/verdict-sieve.ts';

const line = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => `${text.replace(/[\r\n]/g, '')}\n`),
  fc.constantFrom('specstory-verdict: \n', 'specstory-verdict: {}\n', 'specstory-verdict\n', '50%\r', '\n', 'specst\n'),
  fc.string({ maxLength: 20 }).map((session) => verdictLine({ session, status: 'stored' })),
);

it('finds the same verdicts and leaves the same text, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(60)), (lines, cuts) => {
      const whole = new VerdictSieve();
      const text = Buffer.from(lines.join(''));
      const expected = Buffer.concat([whole.take(text), whole.rest()]).toString();
      const cut = new VerdictSieve();
      const pieces: Buffer[] = [];
      let at = 0;
      for (const size of cuts) {
        pieces.push(cut.take(text.subarray(at, at + size)));
        at += size;
      }
      pieces.push(cut.take(text.subarray(at)), cut.rest());
      expect(Buffer.concat(pieces).toString()).toBe(expected);
      expect(cut.verdicts).toEqual(whole.verdicts);
      expect(cut.unreadable).toBe(whole.unreadable);
      expect(whole.verdicts).toHaveLength(lines.filter((one) => one.includes('"status":"stored"')).length);
      const forPeople = lines.filter((one) => !one.startsWith('specstory-verdict: '));
      expect(expected).toBe(forPeople.join(''));
    }),
  );
});

it('does not wait for the end of a line that is for people, nor for one without end', () => {
  const sieve = new VerdictSieve();
  expect(sieve.take(Buffer.from('Resolving deltas:  10%')).toString()).toBe('Resolving deltas:  10%');
  const endless = new VerdictSieve();
  const out = Array.from({ length: 20 }, () => endless.take(Buffer.from('specstory-verdict: '.padEnd(8192, 'x'))));
  expect(Buffer.concat(out).length).toBeGreaterThan(0);
});
