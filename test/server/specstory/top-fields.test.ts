import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldText, parseResumeQuery } from '../../../src/server/specstory/resume-query.ts';
import { depthOf, topFields } from '../../../src/server/specstory/top-fields.ts';

const text = fc.string({ unit: 'binary' }).map((one) => one.toWellFormed());
const object = fc.dictionary(fc.oneof(text, fc.constantFrom('a"b', '\\', '{')), fc.jsonValue());

describe('the fields of a JSON object', () => {
  it('are what a parser sees, whatever stands in them', () => {
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const json = JSON.stringify(value, undefined, space);
        const fields = [...topFields(Buffer.from(json))].map(([name, bytes]) => [name, JSON.parse(bytes.toString())]);
        expect(Object.fromEntries(fields)).toEqual(JSON.parse(json));
      }),
    );
  });

  it('are refused where there is no object, or two of a name', () => {
    for (const bad of [
      '',
      ' ',
      '[]',
      '1',
      '{"a":}',
      '{"a":1',
      '{"a":"',
      '{"a":"\\"',
      '{,}',
      '{"a" 1}',
      '{"a":1,}',
      '{} {}',
      '{"a":[}',
    ])
      expect(() => topFields(Buffer.from(bad)), bad).toThrow();
    expect(() => topFields(Buffer.from('{"a":1,"\\u0061":2}'))).toThrow('twice');
  });

  it('have a depth that brackets in texts do not change', () => {
    expect([depthOf('{"a":[[{"b":"[[[[\\"["}]]}'), depthOf('1'), depthOf('"['), depthOf('[][]')]).toEqual([4, 0, 0, 1]);
  });
});

describe('a query of the search for sessions', () => {
  it('is folded place by place, and never breaks', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => foldText(any).length === any.length));
    fc.assert(fc.property(fc.string(), (any) => parseResumeQuery(any) !== null));
    expect(foldText('Crème BRÛLÉE ÅNGSTRÖM')).toBe('creme brulee angstrom');
  });
});
