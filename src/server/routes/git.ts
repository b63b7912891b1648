import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { protocol, protocolHeader } from '../../protocol/address.ts';
import type { Access } from '../access.ts';
import { Body } from '../body.ts';
import { advertise, type FetchLimits, uploadPack } from '../fetch/upload-pack.ts';
import { advertiseReceive } from '../receive/advertise.ts';
import { commandBytes } from '../receive/limits.ts';
import { type ReceiveServices, receivePush } from '../receive/receive.ts';
import { admit } from './admit.ts';
import { problem, reply, say } from './reply.ts';
import { Slots } from './slots.ts';

/** What the git side of a server needs. */
export interface GitServices extends ReceiveServices {
  readonly access: Access;
  readonly fetchLimits: FetchLimits;
  /** Fetches, and pushes, that are answered at once; more wait for so many milliseconds, or are asked to come again. */
  readonly most: { readonly fetches: number; readonly pushes: number; readonly patience: number };
}

type GitContext = Context<{ Bindings: HttpBindings }>;
/** Answers a request in a slot, and says when the slot is free again: that may be long after the answer began. */
type Handler = (c: GitContext, leave: () => void) => Promise<Response>;

/** Bytes of a request that is small by nature, and of what gzip may make of any. */
const smallBody = 32 << 20;

/**
 * git's smart HTTP (gitprotocol-http), to be mounted at `/git` of a server whose requests may last (`requestTimeout: 0`: a body has limits of its
 * own here). Answers to people are plain text, which git shows.
 */
export function gitRoutes(services: GitServices): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const { most } = services;
  const [fetches, pushes] = [new Slots(most.fetches, most.patience), new Slots(most.pushes, most.patience)];
  app.use(speakProtocol);
  app.get('/:project/info/refs', (c) => {
    const service = c.req.query('service');
    if (service === 'git-upload-pack') return slotted(fetches, c, advertiseFetch(services));
    if (service === 'git-receive-pack') return slotted(fetches, c, advertisePush(services));
    return say(403, 'this server speaks smart HTTP only');
  });
  app.post('/:project/git-upload-pack', (c) => slotted(fetches, c, fetch(services)));
  app.post('/:project/git-receive-pack', (c) => slotted(pushes, c, push(services)));
  app.onError((thrown) => problem(thrown, services.onProblem));
  return app;
}

function advertiseFetch({ access, repositories, fetchLimits }: GitServices): Handler {
  return async (c, leave) => {
    const found = await admit(access, c.req, 'git-upload-pack');
    if (found instanceof Response) return left(found, leave);
    const { stream, over } = await repositories.read(found.project.key, (repository) =>
      advertise(repository, c.req.header('Git-Protocol') ?? '', fetchLimits),
    );
    over.finally(leave);
    return reply('git-upload-pack-advertisement', stream);
  };
}

function advertisePush({ access, repositories }: GitServices): Handler {
  return async (c, leave) => {
    const found = await admit(access, c.req, 'git-receive-pack');
    if (found instanceof Response) return left(found, leave);
    const refs = advertiseReceive(await repositories.tips(found.project.key));
    return left(reply('git-receive-pack-advertisement', refs), leave);
  };
}

function fetch({ access, repositories, fetchLimits }: GitServices): Handler {
  return async (c, leave) => {
    const found = await admit(access, c.req, 'git-upload-pack');
    if (found instanceof Response) return left(found, leave);
    const body = new Body(c.env.incoming, { ...fetchLimits, bytes: smallBody });
    const { stream, over } = await repositories.read(found.project.key, (repository) =>
      uploadPack(repository, c.req.header('Git-Protocol') ?? '', body, fetchLimits),
    );
    over.finally(leave);
    return reply('git-upload-pack-result', stream);
  };
}

function push(services: GitServices): Handler {
  return async (c, leave) => {
    const found = await admit(services.access, c.req, 'git-receive-pack');
    if (found instanceof Response) return left(found, leave);
    const isZipped = c.req.header('Content-Encoding') !== undefined;
    const bytes = isZipped ? smallBody : services.limits.packBytes + commandBytes;
    const body = new Body(c.env.incoming, { ...services.fetchLimits, bytes });
    const from = { ...found, speaksProtocol: c.req.header(protocolHeader) !== undefined };
    const answered = await receivePush(services, from, body);
    if (!answered) return left(reply('git-receive-pack-result', null), leave);
    answered.over.finally(leave);
    return reply('git-receive-pack-result', answered.stream);
  };
}

async function slotted(slots: Slots, c: GitContext, handle: Handler): Promise<Response> {
  const leave = await slots.take();
  if (!leave) return say(429, 'the server is busy: try again in a moment', { 'Retry-After': '5' });
  try {
    return await handle(c, leave);
  } catch (thrown) {
    leave();
    throw thrown;
  }
}

function left(response: Response, leave: () => void): Response {
  leave();
  return response;
}

async function speakProtocol(c: GitContext, next: () => Promise<void>): Promise<Response | undefined> {
  const asked = c.req.header(protocolHeader);
  const isSpoken = asked === undefined || asked === String(protocol);
  if (isSpoken) await next();
  else
    c.res = say(412, `this server speaks protocol ${protocol}, not ${asked.slice(0, 20)}: update the older of the two`);
  c.res.headers.set(protocolHeader, String(protocol));
  return undefined;
}
