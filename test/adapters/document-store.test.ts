import { describe, expect, it } from 'vitest';
import { canonical, fileSource, headOf, peekDocument, readDocument } from '../../src/adapters/document-store.ts';
import { parseJson } from '../../src/core/json.ts';
import { agentIdSchema } from '../../src/core/session.ts';
import { memoryHost } from '../hosts/memory-host.ts';

const host = memoryHost({ files: { '/whole': '\uFEFF{"a":1}', '/half': '{"a":', '/empty': '' } });
const agent = agentIdSchema.parse('gemini');

describe('readDocument', () => {
  it('gives the value of a whole file', () => {
    expect(readDocument(host, '/whole')).toEqual({ a: 1 });
    expect(headOf(host, '/half')).toBe('{"a":');
  });

  it('says what to do about one that is not whole', () => {
    for (const path of ['/half', '/empty', '/missing']) {
      expect(() => readDocument(host, path)).toThrow(
        expect.objectContaining({ kind: 'unavailable', hint: expect.stringContaining('again') }),
      );
      expect(peekDocument(host, path)).toBeUndefined();
    }
  });
});

describe('canonical', () => {
  it('gives one line per value with ordinals for offsets', () => {
    expect([...canonical([{ value: { b: [1] } }, { value: 2, text: '2.0' }])]).toEqual([
      { text: '{"b":[1]}', value: { b: [1] }, start: 0, end: 1, newline: true },
      { text: '2.0', value: 2, start: 1, end: 2, newline: true },
    ]);
  });

  it('bounds what is nested deeper than the stack allows', () => {
    const deep = parseJson('['.repeat(200_000) + ']'.repeat(200_000));
    const [record] = canonical([{ value: { deep } }]);
    expect(record?.text).toContain('nested too deeply');
  });
});

describe('fileSource', () => {
  it('changes its version with any of its files and is named by the last', () => {
    const source = fileSource(host, agent, 'key', ['/half', '/whole']);
    expect(source).toMatchObject({ key: 'key', path: '/whole', version: '5-1767323045000-1+10-1767323045000-1' });
    expect(fileSource(host, agent, 'key', ['/whole', '/missing'])).toBeUndefined();
    expect(fileSource(host, agent, 'key', [])).toBeUndefined();
  });
});
