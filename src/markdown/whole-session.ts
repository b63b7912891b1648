import { SpecstoryError } from '../core/errors.ts';
import { digest } from '../core/ids.ts';
import { exchangeFile } from '../core/layout.ts';
import type { Redacted } from '../core/redacted.ts';
import { promptOf, type Session } from '../core/session.ts';
import { slug } from '../core/text.ts';
import { vouch } from '../core/vouch.ts';
import { entryOf } from './exchange-entry.ts';
import { parseExchange } from './parse.ts';
import { renderExchange } from './render.ts';
import { parseSession, renderSession, type SessionFile, sessionName } from './session-file.ts';

/**
 * A whole session as one text that loses nothing: the files of its folder one after the other, each behind a comment that
 * bears a word found nowhere else in the text. `parseWholeSession` is its inverse.
 */
export function renderWholeSession(session: Redacted<Session>): Redacted<string> {
  const files = session.exchanges.map((exchange, index) => ({
    name: exchangeFile(index + 1, exchange.id),
    text: renderExchange(vouch(exchange)),
  }));
  const head = renderSession(vouch(fileOf(session)));
  const word = wordFor([head, ...files.map(({ text }) => text)]);
  const bodies = files.map(({ name, text }) => `<!-- ${word} ${name} -->\n${text}`);
  return vouch([`<!-- specstory session ${word} -->\n${head}`, ...bodies].join(''));
}

/** The session of a text made by `renderWholeSession`. Throws `unsupported` for any other text. */
export function parseWholeSession(text: string): Session {
  const word = /^<!-- specstory session ([0-9a-f]+) -->\n/.exec(text)?.[1];
  if (word === undefined) {
    throw new SpecstoryError('unsupported', 'this is no whole session', { hint: 'specstory convert FILE makes one' });
  }
  const line = new RegExp(`^<!-- (?:specstory session ${word}|${word} exchanges/[0-9]+-[0-9a-f]+\\.md) -->\\n`, 'm');
  const [head = '', ...bodies] = text.split(line).slice(1);
  return { meta: parseSession(head).meta, exchanges: bodies.map(parseExchange) };
}

function fileOf({ meta, exchanges }: Session): SessionFile {
  const prompt = promptOf(exchanges[0]?.messages ?? []);
  const entries = exchanges.map((exchange, index) => entryOf(exchange, index + 1));
  return { meta, name: sessionName(meta, prompt), slug: slug(prompt), exchanges: entries };
}

/** Hex of a hash, lengthened until it occurs in none of the texts. */
function wordFor(texts: readonly string[]): string {
  const full = digest(texts.map((text) => digest(text)).join(''));
  for (let length = 12; length < full.length; length++) {
    const word = full.slice(0, length);
    if (!texts.some((text) => text.includes(word))) return word;
  }
  return digest(full) + full;
}
