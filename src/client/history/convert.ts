import { adapters } from '../../adapters/index.ts';
import { readSource } from '../../adapters/read.ts';
import { strangerIn } from '../../adapters/strangers.ts';
import { SpecstoryError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { Redacted } from '../../core/redacted.ts';
import type { Session } from '../../core/session.ts';
import { type SessionData, toSessionData } from '../../core/session-data.ts';
import { renderSpecstory } from '../../markdown/specstory.ts';
import { renderWholeSession } from '../../markdown/whole-session.ts';
import type { Redactor } from '../../redact/redactor.ts';

export const forms = ['session', 'markdown', 'specstory'] as const;
/** A way to print a session: SessionData JSON, our Markdown, or SpecStory's. */
export type Form = (typeof forms)[number];

export interface ConvertOptions {
  readonly host: Host;
  readonly redactor: Redactor;
  /** Only this agent's reader; without it the content decides. */
  readonly agent?: string;
  /** Which session, when the file holds several. */
  readonly session?: string;
}

/**
 * The session in one native transcript (file or database), redacted. Throws `not-found`, `unsupported` when no agent knows the file,
 * and `usage` when it holds several sessions and none was named.
 */
export function convertFile(path: string, options: ConvertOptions): Redacted<Session> {
  const sessions = sessionsIn(path, options);
  const { session } = options;
  const chosen = session === undefined ? mainOf(sessions, path) : sessions.find(({ meta }) => meta.id === session);
  if (!chosen) throw new SpecstoryError('not-found', `${path} holds no session ${session}`, { hint: listed(sessions) });
  return options.redactor.value(chosen);
}

/** Every session in one native transcript, as it is. Throws `not-found` and `unsupported`. */
export function sessionsIn(path: string, { host, agent }: Pick<ConvertOptions, 'host' | 'agent'>): Session[] {
  if (host.files.stat(path)?.kind !== 'file') throw new SpecstoryError('not-found', `there is no file ${path}`);
  const asked = agent === undefined ? adapters : adapters.filter(({ id }) => id === agent);
  if (asked.length === 0) throw unknownAgent(agent ?? '');
  for (const adapter of asked) {
    const sources = [...adapter.open(host, path)];
    if (sources.length > 0) return sources.flatMap((source) => readSource(adapter, host, source));
  }
  throw unread(host, path, agent);
}

function unread(host: Host, path: string, agent: string | undefined): SpecstoryError {
  const stranger = strangerIn(host, path);
  if (stranger) return new SpecstoryError('unsupported', `${path} is of ${stranger}, which is not read yet`);
  const size = host.files.stat(path)?.size ?? 0;
  const what = size === 0 ? 'is empty' : `is no transcript that ${agent ?? 'an agent we know'} writes`;
  const hint = agent === undefined ? 'name its agent with --agent if you know better' : 'try it without --agent';
  return new SpecstoryError('unsupported', `${path} ${what}`, { hint });
}

function mainOf(sessions: readonly Session[], path: string): Session {
  const mains = sessions.filter(({ meta }) => !sessions.some((other) => other.meta.id === meta.parent));
  const [only, second] = mains.filter(({ exchanges }) => exchanges.length > 0);
  if (only && !second) return only;
  if (second)
    throw new SpecstoryError('usage', `${path} holds several sessions`, {
      hint: `name one with --session: ${listed(mains)}`,
    });
  throw new SpecstoryError('unsupported', `${path} holds no conversation: nobody asked anything in it yet`);
}

function listed(sessions: readonly Session[]): string {
  const names = sessions.map(({ meta }) => meta.id);
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

function unknownAgent(name: string): SpecstoryError {
  return new SpecstoryError('usage', `there is no agent '${name}'`, {
    hint: `agents: ${adapters.map(({ id }) => id).join(', ')}`,
  });
}

/** A session in the form asked for, as text that ends with a line end. */
export function printSession(session: Redacted<Session>, form: Form): string {
  if (form === 'specstory') return renderSpecstory(session);
  if (form === 'markdown') return renderWholeSession(session);
  return `${JSON.stringify(sessionData(session), null, 2)}\n`;
}

/** SessionData of a session, with the provider as SpecStory names it. */
function sessionData(session: Session): SessionData {
  const adapter = adapters.find(({ id }) => id === session.meta.agent);
  const { agent, agentVersion } = session.meta;
  const provider = {
    id: adapter?.provider ?? agent,
    name: adapter?.label ?? agent,
    version: agentVersion ?? 'unknown',
  };
  return toSessionData(session, provider);
}
