import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { vouch } from '../../src/core/vouch.ts';
import { parseExchange } from '../../src/markdown/parse.ts';
import { renderExchange } from '../../src/markdown/render.ts';

it('is what docs/format.md shows', () => {
  const page = readFileSync(new URL('../../docs/format.md', import.meta.url), 'utf8');
  const shown = /^````markdown\n([\s\S]*?)^````$/m.exec(page)?.[1] ?? '';
  expect(renderExchange(vouch(parseExchange(shown)))).toBe(shown);
});
