import type { Host } from '../../core/host.ts';
import { type SessionId, sessionId } from '../../core/ids.ts';
import { asArray, asText, parseJson } from '../../core/json.ts';
import type { Head } from './head.ts';

/** Whose conversation a transcript holds. */
export interface Identity {
  readonly session: SessionId;
  readonly subAgent: boolean;
  /** The session that started the sub-agent, when it can be told. */
  readonly parent?: SessionId | undefined;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The agent's id in the name of a sub-agent's transcript. */
export function subAgentName(file: string): string | undefined {
  return /^agent-(.+)\.jsonl$/.exec(file)?.[1];
}

/** The session id of a sub-agent: its own id is only unique below the session that started it. */
export function subAgentSession(parent: SessionId, agent: string): SessionId {
  return sessionId(`${parent}.${agent}`);
}

/**
 * What the place of a transcript says: `<session>.jsonl`, or `<session>/subagents/…/agent-<id>.jsonl`.
 * `undefined` when the place says nothing and the records must be asked.
 */
export function identityOfPath(host: Host, path: string): Identity | undefined {
  const file = host.path.basename(path);
  const name = file.replace(/\.jsonl$/, '');
  const agent = subAgentName(file);
  if (agent === undefined) return uuid.test(name) ? { session: sessionId(name), subAgent: false } : undefined;
  const owner = folderAbove(host, host.path.dirname(path), 'subagents');
  if (owner === undefined) return undefined;
  const parent = sessionId(host.path.basename(owner));
  return { session: subAgentSession(parent, agent), subAgent: true, parent };
}

/** What the first records say; `name` is the file's, the last resort. */
export function identityOfHead(name: string, head: Head): Identity {
  const named = head.sessions.find((id) => name.includes(id)) ?? head.sessions.at(-1);
  const agent = head.agent ?? subAgentName(name);
  if (agent === undefined) return { session: sessionId(named ?? name.replace(/\.jsonl?$/, '')), subAgent: false };
  if (named === undefined || named === `agent-${agent}`)
    return { session: sessionId(`agent-${agent}`), subAgent: true };
  const parent = sessionId(named);
  return { session: subAgentSession(parent, agent), subAgent: true, parent };
}

/** The key of a source carries its identity to the parser, which sees neither files nor names. */
export function keyOf({ session, subAgent, parent }: Identity, path: string): string {
  return JSON.stringify([session, subAgent ? (parent ?? '') : null, path]);
}

/** The reverse of `keyOf`. */
export function identityOfKey(key: string): Identity {
  const [session, parent] = asArray(parseJson(key));
  return {
    session: sessionId(asText(session) ?? key),
    subAgent: typeof parent === 'string',
    parent: asText(parent) === undefined ? undefined : sessionId(asText(parent) ?? ''),
  };
}

/** The folder that holds the nearest folder of this name, at most four levels up. */
export function folderAbove(host: Host, folder: string, name: string): string | undefined {
  for (let at = folder, level = 0; level < 4; level++, at = host.path.dirname(at)) {
    if (host.path.basename(at) === name) return host.path.dirname(at);
  }
  return undefined;
}
