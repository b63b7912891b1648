import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry as MetricsRegistry } from 'prom-client';
import { onTestFinished } from 'vitest';
import type { Scope } from '../../src/server/access.ts';
import { accountAccess } from '../../src/server/accounts/access.ts';
import { addAccount } from '../../src/server/accounts/accounts.ts';
import { type AllowanceName, type Allowances, allowances, rateLimiter } from '../../src/server/accounts/rate-limit.ts';
import type { Registry } from '../../src/server/accounts/registry.ts';
import { newPersonalToken } from '../../src/server/accounts/tokens.ts';
import { serverApp } from '../../src/server/app.ts';
import { type GitSide, openGitSide } from '../../src/server/git-side.ts';
import { listen } from '../../src/server/listen.ts';
import { trustedProxies } from '../../src/server/middleware/client-address.ts';
import type { ProjectIndex } from '../../src/server/project-index.ts';
import { LocalRepositories } from '../../src/server/repositories/local-repositories.ts';
import type { Services, Site } from '../../src/server/services.ts';
import { openSpecstorySide } from '../../src/server/specstory/side.ts';
import type { Account } from '../../src/server/store/account-store.ts';
import type { IndexStore } from '../../src/server/store/index-store.ts';
import type { Stores } from '../../src/server/store/open.ts';
import { openSqliteAccountStore } from '../../src/server/store/sqlite/account-store.ts';
import { openSqliteIndexStore } from '../../src/server/store/sqlite/index-store.ts';
import { openSqliteReceivedStore } from '../../src/server/store/sqlite/received-store.ts';

export interface ServerWorld {
  readonly site?: Partial<Site>;
  readonly mount?: string;
  readonly trusted?: readonly string[];
  /** Allowances are generous unless a test is about them. */
  readonly allowances?: Partial<Allowances>;
  readonly index?: ProjectIndex;
  /** The most bytes of a session that is sent. */
  readonly sessionBytes?: number;
  /** The index instead of one in SQLite, and what was received in its database. */
  readonly stores?: Pick<Stores, 'index' | 'received'> | undefined;
  /** Another server, on the same database. */
  readonly beside?: TestServer;
}

export interface TestServer {
  readonly url: string;
  readonly data: string;
  readonly registry: Registry;
  readonly services: Services;
  /** Its repositories and their index; without routes. */
  readonly side: GitSide & { readonly store: IndexStore };
  /** Every line that was logged, as JSON. */
  readonly logged: string[];
  /** Lets time pass. */
  wait(ms: number): void;
  /** Sends a request; a body that is no text is sent as JSON. Redirects are not followed. */
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** An account with a password (`<name>-password`). */
  account(name: string, options?: { admin?: boolean }): Promise<Account>;
  token(account: Account, ...scopes: Scope[]): Promise<string>;
  /** A signed-in browser. */
  browser(name: string): Promise<Browser>;
  stop(): Promise<void>;
}

export interface RequestOptions {
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON, or nothing. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects.
  readonly json: any;
}

/** What a browser does: it keeps the cookie, says where a form comes from, and sends the key that the page holds. */
export interface Browser {
  readonly cookie: string;
  get(path: string): Promise<Answer>;
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
}

const password = (name: string): string => `${name}-password`;
const generous = Object.fromEntries(Object.keys(allowances).map((name) => [name, { burst: 1e6, perMinute: 1e6 }]));

/** The whole server on a port of its own, with a real database and a clock that tests move. It goes with the test. */
export async function testServer(world: ServerWorld = {}): Promise<TestServer> {
  const made = await startServer(world);
  onTestFinished(made.stop);
  return made;
}

/** One that several tests share; who starts it stops it. */
export async function startServer(world: ServerWorld = {}): Promise<TestServer> {
  const data = world.beside?.data ?? mkdtempSync(join(tmpdir(), 'specstory-server-'));
  const store = openSqliteAccountStore(join(data, 'accounts.sqlite'));
  let late = 0;
  const now = () => Date.now() + late;
  const registry: Registry = { store, cost: { ln: 4, r: 1, p: 1 }, now };
  const logged: string[] = [];
  const log = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }));
  const table = { ...allowances, ...generous, ...world.allowances } as Record<AllowanceName, Allowances[AllowanceName]>;
  const index = world.stores?.index ?? openSqliteIndexStore(join(data, 'index.sqlite'));
  const access = accountAccess(registry);
  const side = openGitSide({
    repositories: new LocalRepositories(data),
    access,
    store: index,
    onProblem: (thrown) => log({ thrown: String(thrown) }, 'problem'),
  });
  const received = world.stores?.received ?? openSqliteReceivedStore(join(data, 'index.sqlite'));
  const sent = openSpecstorySide(side, { received, data, sessionBytes: world.sessionBytes ?? 2 ** 28 });
  const services: Services = {
    version: '0.0.0',
    site: { origin: undefined, base: '', ...world.site },
    registry,
    access,
    limiter: rateLimiter(table, now),
    trusted: trustedProxies(world.trusted ?? []),
    log: { info: log, error: log },
    metrics: { request: () => {}, signIn: () => {}, registry: new MetricsRegistry() },
    limits: { pushBytes: 1, blobBytes: 2 },
    index: world.index ?? side.index,
    ...sent,
    search: index.search,
    isReady: async () => true,
  };
  const listener = await listen(serverApp(services, world.mount), '127.0.0.1:0');
  const send = sender(listener.url);
  return {
    url: listener.url,
    data,
    registry,
    services,
    side: { ...side, store: index },
    logged,
    wait: (ms) => {
      late += ms;
    },
    send,
    account: (name, { admin = false } = {}) => addAccount(registry, { name, password: password(name), admin }),
    token: async (account, ...scopes) => (await newPersonalToken(registry, account, { name: 'test', scopes })).text,
    browser: (name) => signIn(send, listener.url, name),
    stop: async () => {
      await listener.drain(0);
      await store.close();
      await index.close();
      await received.close();
      if (!world.beside) rmSync(data, { recursive: true, force: true });
    },
  };
}

function sender(url: string): TestServer['send'] {
  return async (method, path, { token, headers = {}, body } = {}) => {
    const isText = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(isText ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const formHeaders = (url: string) => ({
  'Content-Type': 'application/x-www-form-urlencoded',
  Origin: url,
  'Sec-Fetch-Site': 'same-origin',
});

async function signIn(send: TestServer['send'], url: string, name: string): Promise<Browser> {
  const body = new URLSearchParams({ name, password: password(name), next: '/' }).toString();
  const answer = await send('POST', '/signin', { headers: formHeaders(url), body });
  const cookie = answer.headers.get('Set-Cookie')?.split(';')[0] ?? '';
  const get = (path: string) => send('GET', path, { headers: { Cookie: cookie } });
  return {
    cookie,
    get,
    post: async (path, fields = {}, headers = {}) => {
      const key = /name="key" value="([0-9a-f]+)"/.exec((await get('/tokens')).text)?.[1] ?? '';
      const form = new URLSearchParams({ key, ...fields }).toString();
      return send('POST', path, { headers: { ...formHeaders(url), Cookie: cookie, ...headers }, body: form });
    },
  };
}
