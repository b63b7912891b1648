import { accepts } from 'hono/accepts';
import { Refusal } from '../refusal.ts';
import type { ListedSession } from '../specstory/listed-sessions.ts';
import { entityTag, wireProject, wireSession } from '../specstory/wire.ts';
import type { SpecstoryCall, SpecstoryServices } from './specstory.ts';

const sessionData = 'application/vnd.specstory.session-data+json';
const markdown = 'text/markdown';
const json = 'application/json';

/** When it changed, and the tag of what it is: the same in a list, after a PUT and here. */
export function validators(session: ListedSession): Record<string, string> {
  return { ETag: entityTag(session), 'Last-Modified': new Date(session.updated).toUTCString() };
}

/** A session in the media type that is asked for, or that it is still the one the client has. HEAD is answered as GET, without the body. */
export async function readSession(services: SpecstoryServices, call: SpecstoryCall): Promise<Response> {
  const { project, param, context } = call;
  const session = await services.specstory.find(project.key, param('session'));
  if (!session) throw new Refusal('not_found', 'Session not found');
  const headers = {
    ...validators(session),
    'X-Markdown-Size': String(session.sizes.markdown),
    'X-Raw-Data-Size': String(session.sizes.rawData),
    'X-Session-Data-Size': String(session.sizes.sessionData),
    // To keep it is fine, to use it without asking is not: it may be deleted.
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept, Authorization',
  };
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  if (isKnown(context.req.header('If-None-Match'), entityTag(session))) return context.body(null, 304);
  const type = accepts(context, { header: 'Accept', supports: [json, markdown, sessionData], default: json });
  const body = await bodyOf(services, call, session, type);
  context.header('Content-Type', type === sessionData ? type : `${type}; charset=utf-8`);
  context.header('Content-Length', String(body.length));
  return context.req.method === 'HEAD' ? context.body(null) : context.body(new Uint8Array(body));
}

async function bodyOf(
  services: SpecstoryServices,
  { project }: SpecstoryCall,
  session: ListedSession,
  type: string,
): Promise<Buffer> {
  const { specstory, registry } = services;
  const wanted = type === sessionData ? 'sessionData' : 'markdown';
  const document = await specstory.read(project.key, session, wanted);
  if (!document)
    throw new Refusal('not_found', wanted === 'sessionData' ? 'Session data not found' : 'Session not found');
  if (type !== json) return document;
  const whole = {
    ...wireSession(session, project),
    markdownContent: document.toString('utf8'),
    project: wireProject(project, await registry.store.projects.get(project.key)),
  };
  return Buffer.from(JSON.stringify({ success: true, data: { session: whole } }));
}

/** RFC 9110, 13.1.2: weak comparison, any of a list. */
export function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const opaque = (text: string): string => text.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((one) => opaque(one) === opaque(tag));
}
