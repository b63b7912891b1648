import type { Redacted } from '../core/redacted.ts';
import { type Exchange, promptOf, type Session } from '../core/session.ts';
import { vouch } from '../core/vouch.ts';
import { escapeMarkdown, visibleLine } from './escape.ts';
import { writeFrontmatter } from './frontmatter.ts';
import { exchangeBlocks } from './render.ts';
import { sessionName } from './session-file.ts';

/**
 * A whole session as one document for people: every exchange under a heading, as in its file but without markers. It is
 * not read back.
 */
export function renderDocument(session: Redacted<Session>): Redacted<string> {
  const { meta, exchanges } = session;
  const { id, agent, createdAt, updatedAt } = meta;
  const times = { ...(createdAt ? { created: createdAt } : {}), ...(updatedAt ? { updated: updatedAt } : {}) };
  const name = sessionName(meta, promptOf(exchanges[0]?.messages ?? []));
  const parts = exchanges.map((exchange, index) => section(exchange, index + 1));
  const body = ['', `# ${escapeMarkdown(name)}\n`, ...parts].join('\n');
  return vouch(writeFrontmatter({ session: id, agent, ...times, exchanges: exchanges.length }, body));
}

/** One exchange as it stands in the document of its session, under a heading with its number. */
export function renderSection(exchange: Redacted<Exchange>, number: number): Redacted<string> {
  return vouch(section(exchange, number));
}

function section(exchange: Exchange, number: number): string {
  const words = visibleLine(promptOf(exchange.messages), 80);
  const heading = `## ${number}${words === '' ? '' : `. ${escapeMarkdown(words)}`}\n`;
  return [heading, ...exchangeBlocks(exchange).map(({ body }) => body)].join('\n');
}
