import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../hosts/server.ts';

// The calls of SpecStory's TypeScript SDK (`@specstory/sdk` 0.1.0, which no registry has), as it makes them: headers, bodies, retries, its cache, and what it reads
// of an answer.

interface Cached {
  readonly etag: string;
  readonly value: unknown;
}

/** What the SDK does with HTTP. Errors are told by status only. */
class Sdk {
  readonly sent: string[] = [];
  private readonly cache = new Map<string, Cached>();
  private readonly url: string;
  private readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  readonly projects = {
    list: async () => (await this.json('GET', '/projects')).data.projects,
    update: async (id: string, change: object) => (await this.json('PATCH', `/projects/${id}`, change)).data,
    delete: async (id: string) => (await this.json('DELETE', `/projects/${id}`)).success,
    getByName: async (name: string) =>
      (await this.projects.list()).find((one: { name: string }) => one.name === name) ?? null,
  };

  readonly sessions = {
    write: async (
      project: string,
      session: { name: string; markdown: string; rawData: string; metadata?: object },
      { sessionId = String(randomUUID()), projectName = session.name } = {},
    ) => {
      const headers = { 'Idempotency-Key': randomUUID() };
      const body = { ...session, projectName };
      const answer = await this.request('PUT', `/projects/${project}/sessions/${sessionId}`, body, headers);
      return { ...(await bodyOf(answer)).data, etag: answer.headers.get('etag') };
    },
    list: async (project: string) => (await this.json('GET', `/projects/${project}/sessions`)).data.sessions,
    read: async (project: string, session: string, known?: string) => {
      const path = `/projects/${project}/sessions/${session}`;
      const cached = this.cache.get(path);
      const tag = known ?? cached?.etag;
      const answer = await this.request('GET', path, undefined, tag ? { 'If-None-Match': tag } : {});
      if (answer.status === 304) return cached?.value ?? null;
      const value = { ...(await bodyOf(answer)).data.session, etag: answer.headers.get('etag') };
      this.cache.set(path, { etag: value.etag, value });
      return value;
    },
    head: async (project: string, session: string, known?: string) => {
      const headers = known ? { 'If-None-Match': known } : {};
      const answer = await this.request('HEAD', `/projects/${project}/sessions/${session}`, undefined, headers);
      if (answer.status === 304) return null;
      if (answer.status === 404) return { exists: false };
      const number = (name: string) => Number.parseInt(answer.headers.get(name) ?? '', 10);
      return {
        exists: true,
        etag: answer.headers.get('etag'),
        contentLength: number('content-length'),
        lastModified: answer.headers.get('last-modified'),
        markdownSize: number('x-markdown-size'),
        rawDataSize: number('x-raw-data-size'),
      };
    },
    delete: async (project: string, session: string) =>
      (await this.json('DELETE', `/projects/${project}/sessions/${session}`)).success,
    recent: async (limit: number) => (await this.json('GET', `/sessions/recent?limit=${limit}`)).data.sessions,
  };

  private async json(method: string, path: string, body?: object) {
    const answer = await this.request(method, path, body);
    if (!answer.ok) throw Object.assign(new Error(errorOf(answer.status)), { status: answer.status });
    return bodyOf(answer);
  }

  private async request(method: string, path: string, body?: object, more: Record<string, string> = {}) {
    const headers = {
      Authorization: `Bearer ${this.key}`,
      'Content-Type': 'application/json',
      'User-Agent': 'specstory-sdk-typescript/0.1.0',
      'X-SDK-Version': '0.1.0',
      'X-SDK-Language': 'typescript',
      ...more,
    };
    for (let attempt = 0; ; attempt++) {
      const sent = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
      const answer = await fetch(`${this.url}/api/v1${path}`, sent);
      this.sent.push(`${method} ${answer.status}`);
      if (attempt === 3 || !(answer.status === 408 || answer.status === 429 || answer.status >= 500)) return answer;
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects.
const bodyOf = (answer: Response): Promise<any> => answer.json();

function errorOf(status: number): string {
  const names: Record<number, string> = {
    400: 'Validation',
    401: 'Authentication',
    403: 'Permission',
    404: 'NotFound',
  };
  return names[status] ?? (status === 429 ? 'RateLimit' : status >= 500 ? 'Server' : 'Unknown');
}

let server: TestServer;
let sdk: Sdk;
const project = 'project-123';
const session = (name: string) => ({
  name,
  markdown: `# ${name}\n\nHello **world**, no conversation at all.`,
  rawData: JSON.stringify({ messages: [{ role: 'user', content: name }] }),
  metadata: { clientName: 'sdk-test', tags: ['a', 'b'], llmModels: ['x'], gitBranches: ['main'] },
});

beforeAll(async () => {
  server = await startServer();
  const ann = await server.account('ann');
  sdk = new Sdk(server.url, await server.token(ann, 'capture:write', 'sessions:read', 'share:write', 'search:read'));
  await sdk.sessions.write(project, session('Test Session'), { sessionId: 'custom-session-id' });
});
afterAll(() => server.stop());

describe('the calls of SpecStory’s SDK', () => {
  it('quickstart: list, write, list, read what was written, head, delete', async () => {
    const [first] = await sdk.projects.list();
    expect(first).toMatchObject({ id: project, name: 'Test Session' });
    const written = await sdk.sessions.write(first.id, session('Quick'));
    expect(written).toEqual({
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      projectId: project,
      createdAt: expect.stringMatching(/Z$/),
      etag: expect.stringMatching(/^W\/"[0-9a-f]{64}"$/),
    });
    const listed = (await sdk.sessions.list(project)).find((one: { name: string }) => one.name === 'Quick');
    expect(listed).toMatchObject({ id: written.sessionId, etag: written.etag, metadata: session('x').metadata });
    const read = await sdk.sessions.read(project, written.sessionId);
    expect(read).toMatchObject({ markdownContent: session('Quick').markdown, project: { id: project } });
    const head = await sdk.sessions.head(project, written.sessionId);
    expect(head).toMatchObject({ exists: true, etag: written.etag, rawDataSize: session('Quick').rawData.length });
    expect(head?.contentLength).toBeGreaterThan(session('Quick').markdown.length);
    expect(await sdk.sessions.delete(project, written.sessionId)).toBe(true);
    expect(await sdk.sessions.head(project, written.sessionId)).toEqual({ exists: false });
  });

  it('caching: the second read is a 304, also with the tag of the list, and a stale tag reads anew', async () => {
    const id = 'custom-session-id';
    const first = await sdk.sessions.read(project, id);
    sdk.sent.length = 0;
    expect(await sdk.sessions.read(project, id)).toEqual(first);
    const [listed] = await sdk.sessions.list(project);
    await sdk.sessions.read(project, listed.id, listed.etag);
    expect(await sdk.sessions.head(project, id, first.etag)).toBeNull();
    expect(sdk.sent).toEqual(['GET 304', 'GET 200', 'GET 304', 'HEAD 304']);
    const stale = `W/"${createHash('sha256').update('stale').digest('hex')}"`;
    expect(await sdk.sessions.read(project, id, stale)).toEqual(first);
  });

  it('pagination and performance: many writes at once, then each by the id and the tag of the list', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => sdk.sessions.write(project, session(`Page ${n}`))));
    const lists = await Promise.all(Array.from({ length: 5 }, () => sdk.sessions.list(project)));
    const pages = lists[0].filter(({ name }: { name: string }) => name.startsWith('Page '));
    expect(pages).toHaveLength(20);
    for (const one of pages.slice(0, 5)) {
      await sdk.sessions.read(project, one.id, one.etag);
      expect(sdk.sent.at(-1)).toBe('GET 304');
    }
    const gone = await Promise.all(pages.map(({ id }: { id: string }) => sdk.sessions.delete(project, id)));
    expect(gone).toEqual(pages.map(() => true));
    expect(await sdk.sessions.recent(10)).toMatchObject([{ id: 'custom-session-id', project: { id: project } }]);
  });

  it('developer experience: a project by its name, changed in look', async () => {
    const found = await sdk.projects.getByName('Test Session');
    expect(found).toMatchObject({ id: project });
    expect(await sdk.projects.getByName('Nothing')).toBeNull();
    const changed = await sdk.projects.update(project, { icon: 'Sparkles', color: 'purple' });
    expect(changed).toMatchObject({ icon: 'Sparkles', color: 'purple' });
  });

  it('errors by status, and no retry of what cannot succeed', async () => {
    await expect(new Sdk(server.url, 'invalid').projects.list()).rejects.toThrow('Authentication');
    await expect(sdk.sessions.list('absent')).rejects.toThrow('NotFound');
    await expect(sdk.sessions.delete(project, 'absent')).rejects.toThrow('NotFound');
    await expect(sdk.projects.update(project, { icon: 'Nothing' })).rejects.toThrow('Validation');
    expect(sdk.sent.slice(-3)).toEqual(['GET 404', 'DELETE 404', 'PATCH 400']);
  });

  it('a project goes when it is deleted', async () => {
    await sdk.sessions.write('to-go', session('x'));
    expect(await sdk.projects.delete('to-go')).toBe(true);
    expect((await sdk.projects.list()).map(({ id }: { id: string }) => id)).toEqual([project]);
  });
});
