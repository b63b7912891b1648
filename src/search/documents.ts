import type { AgentId, ExchangeId, SessionId } from '../core/ids.ts';
import type { Exchange } from '../core/session.ts';
import { filesOf, linksOf, toolsOf } from './document-facts.ts';
import { commandsOf, flagsOf } from './document-flags.ts';
import { textsOf } from './document-texts.ts';
import type { Field } from './query.ts';

/** Facts of an exchange that are looked up as they stand. `folder` is every folder above a file that was edited or read. */
export const factKinds = [
  'agent',
  'model',
  'branch',
  'author',
  'writer',
  'tool',
  'edited',
  'read',
  'edited-folder',
  'read-folder',
  'commit',
  'pr',
  'issue',
  'tag',
  'session',
  'has',
  'is',
] as const;
export type FactKind = (typeof factKinds)[number];

export interface Fact {
  readonly kind: FactKind;
  readonly value: string;
}

/** What is known of a session when its exchanges are indexed. Titles, tags and hiding that were said later come as statements. */
export interface SessionFacts {
  readonly session: SessionId;
  readonly agent: AgentId | string;
  /** Title, or the first words of the first prompt. */
  readonly name: string;
  readonly created?: string | undefined;
  readonly cwd?: string | undefined;
  readonly branch?: string | undefined;
  readonly parent?: SessionId | undefined;
  readonly forkedFrom?: SessionId | undefined;
  readonly origin?: string | undefined;
  /** Who pushed or committed it, `Name <email>` or an account's name. */
  readonly author?: string | undefined;
  /** Exchanges that it has. */
  readonly count: number;
}

/** Where an exchange lies. */
export interface Placed {
  readonly exchange: Exchange;
  /** From 1. */
  readonly ordinal: number;
  /** The same for copies of the same bytes: the hex SHA-256 of its file. */
  readonly fingerprint: string;
}

/** An exchange as search sees it. All text is from history, which holds nothing that was not redacted. */
export interface SearchDocument {
  readonly exchange: ExchangeId;
  readonly ordinal: number;
  readonly fingerprint: string;
  /** Milliseconds since 1970: its prompt, or else its session; 0 when neither is known. */
  readonly at: number;
  /** Bounded; a title stands with the first exchange only, so that it is one hit. */
  readonly texts: Readonly<Record<Field, string>>;
  /** Without doubles. */
  readonly facts: readonly Fact[];
  /** Input and output; absent when the agent did not say. */
  readonly tokens?: number;
  /** Seconds from prompt to last answer. */
  readonly duration?: number;
}

/** What of an exchange can be found. */
export function documentOf({ exchange, ordinal, fingerprint }: Placed, about: SessionFacts): SearchDocument {
  const tokens = tokensOf(exchange);
  const duration = durationOf(exchange);
  return {
    exchange: exchange.id,
    ordinal,
    fingerprint,
    at: timeOf(exchange.startedAt) ?? timeOf(about.created) ?? 0,
    texts: textsOf(exchange, ordinal === 1 ? about.name : '', about.cwd),
    facts: factsOf(exchange, ordinal, about),
    ...(tokens === undefined ? {} : { tokens }),
    ...(duration === undefined ? {} : { duration }),
  };
}

function factsOf(exchange: Exchange, ordinal: number, about: SessionFacts): Fact[] {
  const commands = commandsOf(exchange);
  const one = (kind: FactKind, value: string | undefined): Fact[] => (value ? [{ kind, value }] : []);
  const many = (kind: FactKind, values: Iterable<string>): Fact[] => [...values].map((value) => ({ kind, value }));
  const models = exchange.messages.flatMap(({ model }) => model ?? []);
  const { edited, read } = filesOf(exchange, exchange.cwd ?? about.cwd);
  const links = linksOf(exchange, commands);
  const all = [
    ...one('agent', about.agent),
    ...one('branch', exchange.branch ?? about.branch),
    ...one('author', about.author),
    ...one('session', about.session),
    ...many('model', models),
    ...many('tool', toolsOf(exchange)),
    ...many('edited', edited),
    ...many('read', read),
    ...many('edited-folder', edited.flatMap(foldersOf)),
    ...many('read-folder', read.flatMap(foldersOf)),
    ...many('commit', links.commits),
    ...many('pr', links.pulls),
    ...many('issue', links.issues),
    ...many('has', flagsOf(exchange, ordinal, commands)),
    ...many('is', kindsOf(exchange, about)),
  ];
  const seen = new Map(all.map((fact) => [`${fact.kind} ${fact.value}`, fact]));
  return [...seen.values()].slice(0, mostFacts);
}

/** Facts of one exchange; one that touches more files than that is a bulk operation, and its first files tell which. */
const mostFacts = 2000;

/** `sidechain`: a sub-agent's. `resumed`: the session goes on from a copy of another one. `automated`: no person opened the exchange. */
function kindsOf({ messages }: Exchange, { parent, forkedFrom, origin }: SessionFacts): string[] {
  const isAutomated = messages[0]?.role !== 'user' || /\b(?:sdk|exec|headless|print)\b/i.test(origin ?? '');
  return [
    ...(parent === undefined ? [] : ['sidechain']),
    ...(forkedFrom === undefined ? [] : ['resumed']),
    ...(isAutomated ? ['automated'] : []),
  ];
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.slice(0, 32).flatMap((part, index) => (part === '' ? [] : [parts.slice(0, index + 1).join('/')]));
}

function tokensOf({ messages }: Exchange): number | undefined {
  const used = messages.flatMap(({ usage }) => (usage ? [(usage.input ?? 0) + (usage.output ?? 0)] : []));
  return used.length === 0 ? undefined : used.reduce((sum, tokens) => sum + tokens, 0);
}

function durationOf({ startedAt, endedAt }: Exchange): number | undefined {
  const [from, to] = [timeOf(startedAt), timeOf(endedAt)];
  return from === undefined || to === undefined || to < from ? undefined : (to - from) / 1000;
}

function timeOf(instant: string | undefined): number | undefined {
  const time = Date.parse(instant ?? '');
  return Number.isNaN(time) ? undefined : time;
}
