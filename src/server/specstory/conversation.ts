import { SpecstoryError } from '../../core/errors.ts';
import { type AgentId, type ExchangeId, exchangeId, type SessionId } from '../../core/ids.ts';
import { asText } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { agentOf } from '../../core/provider.ts';
import { type Exchange, exchangeSchema, type Part, type Session, sessionMetaSchema } from '../../core/session.ts';
import { fromSessionData } from '../../core/session-data.ts';
import { parseSpecstory } from '../../markdown/specstory-parse.ts';
import { type SentSession, sessionDataIn } from './sent-session.ts';

/** `origin` of sessions that clients of SpecStory sent. */
const origin = 'specstory';

/**
 * The conversation in what was sent: from its SessionData where that is sound, else from its Markdown. What is neither is one text of the
 * agent. It has the id under which it was sent, whatever the documents say.
 */
export function conversationOf(sent: SentSession, id: SessionId): Session {
  const { meta, exchanges } = fromData(sent) ?? fromMarkdown(sent, id);
  return { meta: { ...meta, id, origin }, exchanges: distinct(exchanges.map(bounded), meta.agent, id) };
}

function fromData(sent: SentSession): Session | undefined {
  const data = sessionDataIn(sent);
  if (!data) return undefined;
  const session = fromSessionData(data);
  const isSound = sessionMetaSchema.safeParse(session.meta).success;
  return isSound && session.exchanges.every((exchange) => exchangeSchema.safeParse(exchange).success)
    ? session
    : undefined;
}

function fromMarkdown({ markdown, name, metadata }: SentSession, id: SessionId): Session {
  const agent = agentOf(asText(metadata.agentName) ?? '');
  try {
    const { meta, exchanges } = parseSpecstory(markdown, `${name}.md`);
    if (exchanges.length > 0) return { meta: asText(metadata.agentName) ? { ...meta, agent } : meta, exchanges };
  } catch (thrown) {
    if (!(thrown instanceof SpecstoryError && thrown.kind === 'unsupported')) throw thrown;
  }
  const text: Part = { kind: 'text', text: markdown };
  const whole = { id: exchangeId(agent, { message: id }), messages: [{ role: 'agent' as const, parts: [text] }] };
  return { meta: { id, agent }, exchanges: markdown.trim() === '' ? [] : [whole] };
}

/** Within the bounds of an exchange. What is cut stays whole in what was received. */
function bounded(exchange: Exchange): Exchange {
  let left: number = limits.exchange;
  let parts: number = limits.parts;
  const messages = exchange.messages.flatMap((message) => {
    const kept = message.parts.slice(0, Math.max(0, parts - 1)).map((part) => {
      const size = Math.min(limits.part, left);
      left = Math.max(0, left - sizeOf(part));
      return cut(part, size);
    });
    parts -= kept.length + 1;
    return parts < 0 ? [] : [{ ...message, parts: kept }];
  });
  return { ...exchange, messages };
}

function sizeOf(part: Part): number {
  if (part.kind === 'tool_call') return JSON.stringify(part.input).length;
  return 'text' in part ? part.text.length : 0;
}

function cut(part: Part, size: number): Part {
  if (part.kind === 'tool_call') {
    const length = sizeOf(part);
    return length <= size ? part : { ...part, input: { elided: length } };
  }
  if (!('text' in part) || part.text.length <= size) return part;
  const text = part.text.slice(0, size).toWellFormed();
  return { ...part, text, elided: (part.elided ?? 0) + part.text.length - text.length };
}

/** Exchanges with an id each: where two have the same, the later one gets one from its place. */
function distinct(exchanges: readonly Exchange[], agent: AgentId, session: SessionId): Exchange[] {
  const taken = new Set<ExchangeId>();
  return exchanges.map((exchange, index) => {
    let { id } = exchange;
    for (let attempt = 0; taken.has(id); attempt++)
      id = exchangeId(agent, { message: `${session}#${index + 1}.${attempt}` });
    taken.add(id);
    return { ...exchange, id };
  });
}
