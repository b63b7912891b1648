import type { Host } from '../core/host.ts';
import type { Exchange, Session } from '../core/session.ts';
import type { Adapter, Parsed, Source } from './adapter.ts';

/**
 * Everything one source holds, in memory: the main session first, then the sub-agent sessions found inline.
 * For a single transcript (`convert`, tests); a capture streams instead.
 */
export function readSource(adapter: Adapter, host: Host, source: Source, roots: readonly string[] = []): Session[] {
  const parser = adapter.parser({ source, roots });
  const parsed: Parsed[] = [];
  for (const record of adapter.records(host, source, 0)) {
    parser.push(record);
    parsed.push(...parser.take());
  }
  parsed.push(...parser.open());
  return parser.sessions().map((meta) => ({ meta, exchanges: exchangesOf(parsed, meta.id) }));
}

/** The exchanges of one session in order; of an exchange that came twice, the later one. */
function exchangesOf(parsed: readonly Parsed[], id: string): Exchange[] {
  const byId = new Map<string, Parsed>();
  for (const item of parsed) if (item.session === id) byId.set(item.exchange.id, item);
  return [...byId.values()].sort((a, b) => a.ordinal - b.ordinal).map((item) => item.exchange);
}
