import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionId } from '../../src/core/ids.ts';
import { vouch } from '../../src/core/vouch.ts';
import { renderDocument } from '../../src/markdown/document.ts';
import { readFrontmatter } from '../../src/markdown/frontmatter.ts';
import { exchange, someExchangeId } from './arbitrary.ts';
import { agentId } from './ids.ts';

const meta = { id: sessionId('s'), agent: agentId('claude'), createdAt: '2026-01-02T03:04:05.678Z' };

describe('renderDocument', { timeout: 60_000 }, () => {
  it('shows every exchange under a heading, without markers', () => {
    const messages = [{ role: 'user' as const, parts: [{ kind: 'text' as const, text: 'Fix *it*' }] }];
    expect(renderDocument(vouch({ meta, exchanges: [{ id: someExchangeId, messages }] }))).toBe(
      `---\nsession: s\nagent: claude\ncreated: "2026-01-02T03:04:05.678Z"\nexchanges: 1\n---\n
# Fix \\*it\\*\n\n## 1. Fix \\*it\\*\n\n_**User**_\n\nFix *it*\n`,
    );
  });

  it('shows every session', () => {
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 3 }), (exchanges) => {
        const text = renderDocument(vouch({ meta, exchanges }));
        expect(readFrontmatter(text).data).toMatchObject({ session: 's', exchanges: exchanges.length });
        expect(text.endsWith('\n')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
