import { type AgentId, type ExchangeId, exchangeId, isExchangeId, sessionId } from './ids.ts';
import { asText, type Json, type JsonObject } from './json.ts';
import { agentOf } from './provider.ts';
import { type Exchange, type Message, type Part, promptOf, type Session } from './session.ts';
import type { SessionData, SessionDataExchange, SessionDataMessage } from './session-data-schema.ts';
import { fromProviderUsage } from './session-data-usage.ts';
import { instant, storable } from './text.ts';

/**
 * The session in a SessionData: roles, texts, tools, times, models and tokens. An exchange keeps an id that is one of
 * ours; another one gets the id that a capture of the agent's own store would give it.
 */
export function fromSessionData(data: SessionData): Session {
  const { provider } = data;
  const agent = agentOf(provider.id, provider.id);
  const [createdAt, updatedAt] = [instant(data.createdAt), instant(data.updatedAt)];
  const [cwd, version] = [storable(data.workspaceRoot), storable(provider.version)];
  return {
    meta: {
      id: sessionId(storable(data.sessionId)),
      agent,
      ...(version === '' || version === 'unknown' ? {} : { agentVersion: version }),
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(updatedAt === undefined ? {} : { updatedAt }),
      ...(cwd === '' ? {} : { cwd }),
    },
    exchanges: data.exchanges.map((exchange) => readExchange(exchange, agent, provider.id)),
  };
}

function readExchange(data: SessionDataExchange, agent: AgentId, provider: string): Exchange {
  const messages = joined(data.messages.map((message) => readMessage(message, provider)));
  const [startedAt, endedAt] = [instant(data.startTime), instant(data.endTime)];
  const parent = asText(data.metadata?.parent);
  const [cwd, branch] = [asText(data.metadata?.cwd), asText(data.metadata?.branch)];
  return {
    id: idOf(data.exchangeId, messages, agent, startedAt),
    ...(parent !== undefined && isExchangeId(parent) ? { parent } : {}),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(cwd === undefined ? {} : { cwd: storable(cwd) }),
    ...(branch === undefined ? {} : { branch: storable(branch) }),
    messages,
  };
}

function idOf(given: string, messages: readonly Message[], agent: AgentId, at: string | undefined): ExchangeId {
  if (isExchangeId(given)) return given;
  const [first] = messages;
  if (first?.role === 'user' && first.id !== undefined) return exchangeId(agent, { message: first.id });
  const prompt = promptOf(messages);
  if (at !== undefined && prompt !== '') return exchangeId(agent, { at, prompt });
  return exchangeId(agent, { message: given });
}

/** Messages that `toSessionData` took apart, in one piece again: neighbours with ids `x`, `x#2`, `x#3` … */
function joined(messages: readonly Message[]): Message[] {
  const whole: Message[] = [];
  let part = 1;
  for (const message of messages) {
    const last = whole.at(-1);
    part++;
    if (last?.id !== undefined && message.id === `${last.id}#${part}`) last.parts.push(...message.parts);
    else {
      whole.push({ ...message, parts: [...message.parts] });
      part = 1;
    }
  }
  return whole;
}

function readMessage(data: SessionDataMessage, provider: string): Message {
  const { role, usage } = data;
  const [id, model, at] = [asText(data.id), asText(data.model), instant(data.timestamp)];
  const texts = (data.content ?? []).map(({ type, text }): Part => ({ kind: type, text: storable(text) }));
  return {
    role,
    ...(id === undefined ? {} : { id: storable(id) }),
    ...(at === undefined ? {} : { at }),
    ...(model === undefined ? {} : { model: storable(model) }),
    parts: [...texts, ...(role === 'agent' && data.tool ? toolParts(data.tool) : [])],
    ...(usage === undefined ? {} : { usage: fromProviderUsage(usage, provider) }),
  };
}

type Tool = NonNullable<Extract<SessionDataMessage, { role: 'agent' }>['tool']>;

function toolParts({ name, type, useId, input, output }: Tool): Part[] {
  const id = useId === undefined || useId === '' ? undefined : storable(useId);
  const result: Part | undefined = output && {
    kind: 'tool_result',
    ...(id === undefined ? {} : { call: id }),
    ok: output.is_error !== true,
    text: storable(textOf(output.content ?? output)),
  };
  if (input === undefined && name === 'unknown' && result) return [result];
  const call: Part = {
    kind: 'tool_call',
    ...(id === undefined ? {} : { id }),
    name: storable(name) || 'unknown',
    type,
    input: storableValues(input ?? {}),
  };
  return result ? [call, result] : [call];
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function storableValues(input: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(input), (_key, value) => (typeof value === 'string' ? storable(value) : value));
}
