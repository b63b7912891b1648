import type { JsonObject } from './json.ts';
import { type Exchange, promptOf, type Session, type ToolResult } from './session.ts';
import type { Provider, SessionData, SessionDataExchange, SessionDataMessage } from './session-data-schema.ts';
import { toProviderUsage } from './session-data-usage.ts';
import { slug } from './text.ts';
import { pathsOf, type Turn, turnsOf } from './turns.ts';

export { fromSessionData } from './session-data-reader.ts';
export { type SessionData, sessionDataSchema } from './session-data-schema.ts';

/** Stands for the time of a session that has none, because SessionData must have one. */
const noTime = '1970-01-01T00:00:00.000Z';

/**
 * A session as SpecStory's SessionData v1.0: messages carry at most one tool, results stand in their tool's `output`,
 * and an exchange keeps its own id. Edits become `pathHints`; titles and notes of the session have no place there.
 */
export function toSessionData({ meta, exchanges }: Session, provider: Provider): SessionData {
  const start = exchanges.find(({ startedAt }) => startedAt !== undefined)?.startedAt;
  const words = slug(promptOf(exchanges[0]?.messages ?? []));
  return {
    schemaVersion: '1.0',
    provider: { id: provider.id, name: provider.name, version: provider.version },
    sessionId: meta.id,
    createdAt: meta.createdAt ?? start ?? noTime,
    ...(meta.updatedAt === undefined ? {} : { updatedAt: meta.updatedAt }),
    ...(words === '' ? {} : { slug: words }),
    workspaceRoot: meta.cwd ?? exchanges.find(({ cwd }) => cwd !== undefined)?.cwd ?? '',
    exchanges: exchanges.map((exchange) => exchangeData(exchange, provider.id)),
  };
}

function exchangeData(exchange: Exchange, provider: string): SessionDataExchange {
  const { id, startedAt, endedAt, parent, cwd, branch } = exchange;
  const metadata: JsonObject = {
    ...(parent ? { parent } : {}),
    ...(cwd ? { cwd } : {}),
    ...(branch ? { branch } : {}),
  };
  return {
    exchangeId: id,
    ...(startedAt === undefined ? {} : { startTime: startedAt }),
    ...(endedAt === undefined ? {} : { endTime: endedAt }),
    messages: turnsOf(exchange).map((turn) => messageData(turn, provider)),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

function messageData(turn: Turn, provider: string): SessionDataMessage {
  const { role, message, index, said, call, results } = turn;
  const { id, at, model, usage } = message;
  const about = {
    ...(id === undefined ? {} : { id: index === 0 ? id : `${id}#${index + 1}` }),
    ...(at === undefined ? {} : { timestamp: at }),
    ...(usage === undefined || index > 0 ? {} : { usage: toProviderUsage(usage, provider) }),
  };
  const content = said.map(({ type, text }) => ({ type, text }));
  if (role === 'user') return { role, ...about, content };
  const paths = pathsOf(turn);
  return {
    role,
    ...about,
    ...(model === undefined ? {} : { model }),
    ...(content.length > 0 ? { content } : {}),
    ...(call || results.length > 0 ? { tool: toolData(turn) } : {}),
    ...(paths.length > 0 ? { pathHints: paths } : {}),
  };
}

function toolData({ call, results }: Turn): NonNullable<Extract<SessionDataMessage, { role: 'agent' }>['tool']> {
  const useId = call?.id ?? results[0]?.call;
  return {
    name: call?.name ?? 'unknown',
    type: call?.type ?? 'unknown',
    ...(useId === undefined ? {} : { useId }),
    ...(call ? { input: call.input } : {}),
    ...(results.length > 0 ? { output: outputOf(results) } : {}),
  };
}

function outputOf(results: readonly ToolResult[]): JsonObject {
  return { content: results.map(({ text }) => text).join('\n'), is_error: results.some(({ ok }) => !ok) };
}
