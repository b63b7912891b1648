import { oneLine, printable } from '../../core/text.ts';
import type { Project } from '../access.ts';
import { serverWriter } from '../annotate/server-writer.ts';
import { requireType } from '../middleware/body.ts';
import { Refusal } from '../refusal.ts';
import type { ListedSession } from '../specstory/listed-sessions.ts';
import { isResumable, wireProject, wireSession } from '../specstory/wire.ts';
import type { SessionSizes } from '../store/received-store.ts';
import type { SpecstoryCall, SpecstoryRoute, SpecstoryServices } from './specstory.ts';
import { namedProjects } from './specstory-projects.ts';
import { readSession, validators } from './specstory-read.ts';

export const specstorySessions: readonly SpecstoryRoute[] = [
  {
    method: 'GET',
    path: '/sessions/recent',
    scope: 'sessions:read',
    answer: async (services, { caller, query }) => {
      const most = recentLimit(query('limit'));
      const found: { session: ListedSession; row: Project }[] = [];
      for (const row of await namedProjects(services, caller.account)) {
        const shown = (await services.specstory.list(row.key)).filter(({ hidden }) => !hidden);
        found.push(...shown.slice(0, most).map((session) => ({ session, row })));
      }
      found.sort((a, b) => (a.session.updated < b.session.updated ? 1 : -1));
      const sessions = await Promise.all(
        found.slice(0, most).map(async ({ session, row }) => ({
          ...wireSession(session, row),
          project: wireProject(row, await services.registry.store.projects.get(row.key)),
        })),
      );
      return { data: { sessions, total: sessions.length } };
    },
  },
  {
    method: 'GET',
    path: '/projects/:project/sessions',
    scope: 'sessions:read',
    role: 'reader',
    answer: async ({ specstory }, { project, query }) => {
      const all = (await specstory.list(project.key)).filter(({ hidden }) => !hidden);
      const chosen = query('resumable') === 'true' ? all.filter(isResumable) : all;
      const sessions = chosen.map((session) => wireSession(session, project));
      return { data: { sessions, total: sessions.length, projectId: project.id } };
    },
  },
  {
    method: 'GET',
    path: '/projects/:project/sessions/sizes',
    scope: 'sessions:read',
    role: 'reader',
    absent: { sessions: {} },
    answer: async ({ specstory }, { project, context }) => {
      const text = sizesText(await specstory.sizes(project.key));
      return context.body(text, 200, { 'Content-Type': 'application/json' });
    },
  },
  {
    method: 'GET',
    path: '/projects/:project/sessions/:session',
    scope: 'sessions:read',
    role: 'reader',
    answer: readSession,
  },
  {
    method: 'PUT',
    path: '/projects/:project/sessions/:session',
    scope: 'capture:write',
    role: 'writer',
    absent: 'made',
    answer: putSession,
  },
  {
    method: 'DELETE',
    path: '/projects/:project/sessions/:session',
    scope: 'share:write',
    role: 'writer',
    answer: deleteSession,
  },
];

/** Written by hand: an object with tens of thousands of names costs more than all the rest. */
function sizesText(sizes: readonly SessionSizes[]): string {
  const members = sizes.map(({ session, markdown, sessionData }) => {
    const name = JSON.stringify(session);
    return sessionData > 0
      ? `${name}:${markdown},${name.slice(0, -1)}:sessionData":${sessionData}`
      : `${name}:${markdown}`;
  });
  return `{"success":true,"data":{"sessions":{${members.join(',')}}}}`;
}

function recentLimit(text = '5'): number {
  const most = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (most >= 1 && most <= 100) return most;
  throw new Refusal('bad_request', 'limit is a number from 1 to 100');
}

async function putSession(services: SpecstoryServices, { context, caller, bring, param }: SpecstoryCall) {
  const { incoming } = context.env;
  requireType(incoming, 'application/json');
  const put = await services.specstory.put(incoming, param('session'), sender(caller), bring);
  const project = await bring();
  await nameProject(services, project, put.projectName);
  const { session, isNew } = put;
  for (const [name, value] of Object.entries(validators(session))) context.header(name, value);
  const data = { sessionId: session.session, projectId: project.id, createdAt: session.created };
  return { data, status: isNew ? (201 as const) : (200 as const) };
}

const sender = ({ account, name }: SpecstoryCall['caller']) => ({ account, name });

/** A project that nobody named is called what the client calls it. */
async function nameProject({ registry }: SpecstoryServices, project: Project, said: string | undefined): Promise<void> {
  const name = said === undefined ? '' : oneLine(printable(said), 200);
  if (name === '' || name === project.id || project.name !== project.id || project.role !== 'owner') return;
  await registry.store.projects.change(project.key, { name }, registry.now());
}

async function deleteSession(services: SpecstoryServices, { caller, project, param }: SpecstoryCall) {
  const { specstory, history, log } = services;
  const found = await specstory.find(project.key, param('session'));
  if (!found || !history) throw noSession();
  const { session } = found;
  await checkOwner(services, project, caller, found);
  await history.say(project.key, { session }, { kind: 'deleted', exchanges: [], content: [] }, caller.name);
  log.info({ account: caller.account, project: project.key }, 'a session was deleted');
  return { data: { success: true } };
}

/** What others have sent or pushed as well is deleted by an owner of the project only. */
async function checkOwner(
  { registry, history }: SpecstoryServices,
  project: Project,
  caller: SpecstoryCall['caller'],
  { session, by }: ListedSession,
): Promise<void> {
  if (project.role === 'owner') return;
  const claimed = await registry.store.projects.writers(project.key);
  const own = new Set(claimed.filter(({ account }) => account === caller.name).map(({ writer }) => writer));
  if (by === caller.account) own.add(serverWriter(project.key));
  const holders = (await history?.holders(project.key, { session })) ?? [];
  if (holders.every((writer) => own.has(writer))) return;
  throw new Refusal('insufficient_role', 'others have it too: only an owner of the project deletes it for everybody');
}

function noSession(): Refusal {
  return new Refusal('not_found', 'Session not found');
}
