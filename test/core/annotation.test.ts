import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Annotation,
  annotationPath,
  annotationSchema,
  compareAnnotations,
  parseAnnotation,
  parseAnnotationFile,
} from '../../src/core/annotation.ts';
import { isWriterId, sessionId, type WriterId } from '../../src/core/ids.ts';
import { furthestJump, greatestClock } from '../../src/core/lamport.ts';

function writer(text: string): WriterId {
  if (!isWriterId(text)) throw new Error(text);
  return text;
}

const ours = writer('00000000000000aa');
const sample: Annotation = {
  format: 1,
  lamport: 7,
  writer: ours,
  n: 0,
  at: '2026-01-02T03:04:05.678Z',
  session: sessionId('s1'),
  statement: { kind: 'title', value: 'A title' },
};

describe('annotation', () => {
  it('is read from the place it names', () => {
    expect(parseAnnotation(annotationPath(sample), JSON.stringify(sample), ours)).toEqual(sample);
    expect(parseAnnotationFile(annotationPath(sample))).toEqual({ lamport: 7, writer: ours, n: 0 });
  });

  it('is refused at another place, of another writer, and with keys nobody knows', () => {
    const path = annotationPath(sample);
    const read = (value: object, at = path, of = ours) => parseAnnotation(at, JSON.stringify(value), of);
    expect(read(sample, path.replace('/7-', '/8-'))).toBe('bad_clock');
    expect(read(sample, path.replace('-0.json', '-1.json'))).toBe('bad_annotation');
    expect(read(sample, path, writer('00000000000000bb'))).toBe('bad_annotation');
    expect(read({ ...sample, session: 's2' })).toBe('bad_annotation');
    expect(read({ ...sample, more: 1 })).toBe('bad_annotation');
    expect(read({ ...sample, statement: { kind: 'title', value: 'a\nb' } })).toBe('bad_annotation');
    expect(read({ ...sample, statement: { kind: 'title', value: '\u001b[31mred' } })).toBe('bad_annotation');
    expect(read({ ...sample, statement: { kind: 'tag', tag: '\ud800', value: true } })).toBe('bad_annotation');
    expect(parseAnnotation(path, '{', ours)).toBe('bad_clock');
  });

  it.each(['9007199254740992', '9007199254740993', '9223372036854775808', '-1', '0', '1.5', '"7"', 'null', '1e400'])(
    'B30: is refused with the clock %s',
    (clock) => {
      const text = JSON.stringify(sample).replace('"lamport":7', `"lamport":${clock}`);
      expect(parseAnnotation(annotationPath(sample), text, ours)).toBe('bad_clock');
      expect(parseAnnotationFile(`${clock}-${ours}-0.json`)).toBeUndefined();
    },
  );

  it('R13: has a place in one total order', () => {
    const any = fc.record({
      format: fc.constant(1 as const),
      lamport: fc.integer({ min: 1, max: 3 }),
      writer: fc.constantFrom(ours, writer('00000000000000bb')),
      n: fc.integer({ min: 0, max: 1 }),
      at: fc.constant(sample.at),
      session: fc.constantFrom(sessionId('s1'), sessionId('s2')),
      statement: fc.oneof(
        fc.record({ kind: fc.constant('hidden' as const), value: fc.boolean() }),
        fc.record({ kind: fc.constant('title' as const), value: fc.constantFrom('a', 'b', null) }),
      ),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (list, noise) => {
        for (const one of list) expect(annotationSchema.safeParse(one).success).toBe(true);
        const shuffled = list
          .map((one) => [noise.next().value, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one);
        expect(shuffled.sort(compareAnnotations)).toEqual([...list].sort(compareAnnotations));
      }),
    );
  });
});

describe('greatest clock', () => {
  it('B30: passes over what cannot be a clock and what is too far ahead', () => {
    expect(greatestClock([])).toBe(0);
    expect(greatestClock([3, 1, 2])).toBe(3);
    expect(greatestClock([5, 5 + furthestJump])).toBe(5 + furthestJump);
    expect(greatestClock([5, 6 + furthestJump, 7 + furthestJump])).toBe(5);
    expect(greatestClock([-1, 1.5, 2 ** 53, 2 ** 63, Number.NaN, 4])).toBe(4);
    expect(greatestClock([furthestJump + 1])).toBe(0);
  });

  it('is a function of the set, and what counts goes on counting', () => {
    const clocks = fc.array(fc.integer({ min: -2, max: 2 ** 23 }), { maxLength: 30 });
    fc.assert(
      fc.property(clocks, clocks, (some, more) => {
        expect(greatestClock([...more, ...some])).toBe(greatestClock([...some, ...more, ...some]));
        expect(greatestClock([...some, ...more])).toBeGreaterThanOrEqual(greatestClock(some));
      }),
    );
  });
});
