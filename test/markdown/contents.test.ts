import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ExchangeId } from '../../src/core/ids.ts';
import { composedLine, readContents, renderContents } from '../../src/markdown/contents.ts';
import type { ExchangeEntry } from '../../src/markdown/exchange-entry.ts';

const id = (n: number) => n.toString(16).padStart(12, '0') as ExchangeId;
/** Mostly what people write, with what Markdown could take for its own. */
const title = fc
  .array(fc.constantFrom(...'ab 1.,;\'"?%/-_*`[]()<>!&#:~\\é漢…', 'www.', 'a ', '1. ', '- '), { maxLength: 12 })
  .map((parts) => parts.join('').trim());

it('writes every line as it is composed, the plain ones without composing them', () => {
  const entries = fc.array(
    fc.record({ title, at: fc.option(fc.constant('2026-01-02T03:04:05.006Z'), { nil: undefined }) }),
  );
  fc.assert(
    fc.property(entries, (drawn) => {
      const list: ExchangeEntry[] = drawn.map(({ title, at }, index) => ({
        ordinal: index + 1,
        id: id(index),
        title,
        ...(at === undefined ? {} : { at }),
      }));
      const body = renderContents('x', list);
      const composed = list.map((entry, index) => composedLine(entry, index + 1, false)).join('');
      expect(body).toBe(`# x\n${composed === '' ? '' : `\n${composed}`}`);
      expect(readContents(body)).toEqual(list);
    }),
  );
});
