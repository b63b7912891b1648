import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The one place where text becomes a branded id without a check: it was just made here from a hash. */
const made = <Id extends string>(text: string): Id => text as Id;

/** A coding tool whose conversations we read: the folder name, the frontmatter value and the `--agent` value alike. */
export type AgentId = Branded<'agent'>;
/** One conversation, as its agent names it. Text from outside: never a path; see `sessionFolder`. */
export type SessionId = Branded<'session'>;
/** One exchange: 12 hex, the same wherever the exchange was copied to. */
export type ExchangeId = Branded<'exchange'>;
/** One clone of a repository: 16 hex, minted once. */
export type WriterId = Branded<'writer'>;
/** A git object id in hex, of either hash. */
export type ObjectId = Branded<'object'>;

const valid = {
  agent: /^[a-z][a-z0-9-]{0,63}$/,
  exchange: /^[0-9a-f]{12}$/,
  writer: /^[0-9a-f]{16}$/,
  object: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
};

export const isAgentId = (text: string): text is AgentId => valid.agent.test(text);
export const isExchangeId = (text: string): text is ExchangeId => valid.exchange.test(text);
export const isWriterId = (text: string): text is WriterId => valid.writer.test(text);
export const isObjectId = (text: string): text is ObjectId => valid.object.test(text);
export const isSessionId = (text: string): text is SessionId =>
  text !== '' && text.length <= 4096 && text.isWellFormed();

/** The hex SHA-256 of a text. */
export function digest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** A session id from an agent's own name for the conversation; an unusable name (empty, huge, ill-formed) is replaced by its hash. */
export function sessionId(name: string): SessionId {
  return isSessionId(name) ? name : made(`x-${digest(name).slice(0, 32)}`);
}

/**
 * The id of an exchange: over the agent's own message id where it has one, or else over prompt time and text.
 * It does not depend on the session, so an exchange that a resume or a fork copied keeps its id.
 */
export function exchangeId(agent: AgentId, key: { message: string } | { at: string; prompt: string }): ExchangeId {
  const name = 'message' in key ? `m\0${key.message}` : `p\0${key.at}\0${key.prompt}`;
  return made(digest(`${agent}\0${name}`).slice(0, 12));
}

/** Two hex that spread entries over 256 folders. */
export function shard(id: string): string {
  return digest(id).slice(0, 2);
}

const plainFolder = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/;
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|\.lock$|\.\./i;

/**
 * The folder name of a session: its id where that is harmless on every file system, else `x-` and 32 hex of its hash.
 * Ids come from agents' files and may be `../../x`, `CON`, a line break or 5 kB long.
 */
export function sessionFolder(id: SessionId): string {
  return plainFolder.test(id) && !reserved.test(id) && !id.startsWith('x-') ? id : `x-${digest(id).slice(0, 32)}`;
}
