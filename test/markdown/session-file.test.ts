import fc from 'fast-check';
import { remark } from 'remark';
import { describe, expect, it } from 'vitest';
import { SpecstoryError } from '../../src/core/errors.ts';
import { vouch } from '../../src/core/vouch.ts';
import type { ExchangeEntry } from '../../src/markdown/exchange-entry.ts';
import type { SessionFile } from '../../src/markdown/session-file.ts';
import {
  parseSession,
  parseSessionHead,
  renderSession,
  sessionFileSchema,
  sessionName,
} from '../../src/markdown/session-file.ts';
import { exchangeId, instant, name, text, usage } from './arbitrary.ts';
import { agentId, sessionId } from './ids.ts';

const render = (file: SessionFile): string => renderSession(vouch(file));
const optional: { requiredKeys: [] } = { requiredKeys: [] };
const title = text.map((value) =>
  value
    .slice(0, 300)
    .toWellFormed()
    .replaceAll(/[\n\r]/g, ' '),
);

const entry: fc.Arbitrary<ExchangeEntry> = fc
  .tuple(
    fc.record({ ordinal: fc.nat(99_999_999), id: exchangeId, title }),
    fc.record({ parent: exchangeId, at: instant }, optional),
  )
  .map(([must, may]) => ({ ...must, ...may }));
const meta = fc
  .tuple(
    fc.record({ id: name.map(sessionId), agent: fc.constant(agentId('claude')) }),
    fc.record(
      {
        agentVersion: name, title: name, createdAt: instant, updatedAt: instant, cwd: name, branch: name, origin: name,
        parent: name.map(sessionId), forkedFrom: name.map(sessionId), unknown: fc.dictionary(text, fc.nat(), { noNullPrototype: true }), unreadable: fc.nat(),
      }, // biome-ignore format: a list
      optional,
    ),
  )
  .map(([must, may]) => ({ ...must, ...may }));
const file: fc.Arbitrary<SessionFile> = fc
  .tuple(
    fc.record({ meta, name: text, slug: text, exchanges: fc.array(entry, { maxLength: 6 }) }),
    fc.record(
      {
        usage: fc.dictionary(name, usage, { noNullPrototype: true }),
        raw: fc.record({ bytes: fc.nat(), records: fc.nat(), sha256: fc.constant('ab'.repeat(32)) }),
      },
      optional,
    ),
  )
  .map(([must, may]) => sessionFileSchema.parse({ ...must, ...may }));

describe('session file', { timeout: 60_000 }, () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(file, (value) => {
        const written = render(value);
        expect(parseSession(written)).toEqual(value);
        const { exchanges, ...head } = value;
        expect(parseSessionHead(written)).toEqual({ ...head, count: exchanges.length });
        expect(render(parseSession(written))).toBe(written);
      }),
      { numRuns: 2000 },
    );
  });

  it('lets no title become a link, an image, HTML or another line', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), fc.string(), (exchanges, heading) => {
        const written = render({
          meta: { id: sessionId('s'), agent: agentId('claude') },
          name: heading,
          slug: '',
          exchanges,
        });
        const root = remark().parse(written.slice(written.indexOf('\n---\n') + 5));
        expect(root.children.map(({ type }) => type)).toEqual(['heading', 'list']);
        const [, list] = root.children;
        if (list?.type !== 'list') throw new Error('no list');
        expect(list.children).toHaveLength(exchanges.length);
        for (const [index, item] of list.children.entries()) {
          const [paragraph, ...more] = item.children;
          expect(more).toEqual([]);
          if (paragraph?.type !== 'paragraph') throw new Error('no paragraph');
          const [link, ...rest] = paragraph.children;
          expect(link).toMatchObject({ type: 'link', url: expect.stringMatching(/^exchanges\/\d+-[0-9a-f]{12}\.md$/) });
          if (link?.type !== 'link') throw new Error('no link');
          const words = exchanges[index]?.title;
          expect(link.children.map(({ type }) => type)).toEqual([words === '' ? 'emphasis' : 'text']);
          expect(rest.every(({ type }) => type === 'text' || type === 'html')).toBe(true);
          expect(rest.filter(({ type }) => type === 'html').length).toBeLessThan(2);
        }
      }),
      { numRuns: 1000 },
    );
  });

  const ids = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd'];
  const at = (ordinal: number, parent?: number): ExchangeEntry =>
    sessionFileSchema.shape.exchanges.element.parse({
      ordinal,
      id: ids[ordinal - 1],
      title: `Prompt ${ordinal}`,
      at: `2026-01-02T03:04:0${ordinal}.050Z`,
      ...(parent ? { parent: ids[parent - 1] } : {}),
    });
  const contents = (exchanges: ExchangeEntry[]) => render({ meta: { id: sessionId('s'), agent: agentId('claude') }, name: 'Fix *it*', slug: 'fix-it', exchanges }).split('---\n')[2]; // biome-ignore format: one line

  it('marks the branch that was left', () => {
    expect(contents([at(1), at(2), at(3, 1), at(4)])).toBe(`
# Fix \\*it\\*

1. [Prompt 1](exchanges/000001-aaaaaaaaaaaa.md) · 2026-01-02 03:04:01Z <!-- {"ms":50} -->
2. [Prompt 2](exchanges/000002-bbbbbbbbbbbb.md) · 2026-01-02 03:04:02Z (abandoned) <!-- {"ms":50} -->
3. [Prompt 3](exchanges/000003-cccccccccccc.md) · 2026-01-02 03:04:03Z <!-- {"ms":50,"parent":"aaaaaaaaaaaa"} -->
4. [Prompt 4](exchanges/000004-dddddddddddd.md) · 2026-01-02 03:04:04Z <!-- {"ms":50} -->
`);
    expect(contents([at(1), at(2), at(3, 2)])).not.toContain('abandoned');
    expect(contents([at(1, 1), at(2, 3), at(3, 2)])).toContain('[Prompt 1]');
  });

  const good = render({
    meta: { id: sessionId('s'), agent: agentId('claude') },
    name: 'n',
    slug: 's',
    exchanges: [at(1)],
  });
  it.each([
    ['nothing', ''],
    ['a newer format', good.replace('format: 1', 'format: 9')],
    ['no agent', good.replace(/^agent.*\n/m, '')],
    ['another time', good.replace('03:04:01Z', '33:04:01Z')],
    ['another link', good.replace('exchanges/0', 'http://x/0')],
    ['a lost line', good.replace(/^1\. .*\n/m, '')],
  ])('refuses %s', (_what, bad) => {
    expect(() => parseSession(bad)).toThrow(SpecstoryError);
  });

  it('names a session by title, prompt, or agent and time', () => {
    const about = { id: sessionId('s'), agent: agentId('claude'), createdAt: '2026-01-02T03:04:05.000Z' };
    expect(sessionName({ ...about, title: 'A \u001b[31mtitle\n' }, 'Prompt')).toBe('A title');
    expect(sessionName(about, '<context>x</context> Fix it\nnow')).toBe('Fix it now');
    expect(sessionName(about, '<context>x</context>')).toBe('<context>x</context>');
    expect(sessionName(about, ' \n')).toBe('claude session of 2026-01-02 03:04Z');
    expect(sessionName(about, 'word '.repeat(100)).length).toBeLessThanOrEqual(100);
  });
});
