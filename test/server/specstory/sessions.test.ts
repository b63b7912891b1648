import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFor } from '../../../src/server/accounts/projects.ts';
import { serverWriter } from '../../../src/server/annotate/server-writer.ts';
import type { Account } from '../../../src/server/store/account-store.ts';
import { startServer, type TestServer } from '../../hosts/server.ts';
import { annotationFiles, exchange, plantPushed, sessionFiles, sid, writerId } from '../sessions.ts';
import { bodyOf, type CommandLine, commandLine, project, uuid } from './command-line.ts';

const vendor = 'application/vnd.specstory.session-data+json';
let server: TestServer;
let ann: Account;
let client: CommandLine;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  ann = await server.account('ann');
  client = commandLine(server, await server.token(ann, 'capture:write', 'sessions:read', 'share:write', 'search:read'));
});
afterAll(() => server.stop());

const fresh = (): string => uuid(++count);
const key = async (): Promise<string> =>
  (await projectFor(server.registry, { account: ann.id }, project, { create: true }))?.key ?? '';
const git = async (...args: string[]): Promise<string> => {
  const { gitDir } = await server.side.repositories.make(await key());
  return execFileSync('git', ['-C', gitDir, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
};
const path = (session: string): string => `/projects/${project}/sessions/${session}`;
const listed = async (session: string) => {
  const { json } = await client.get(`/projects/${project}/sessions`);
  return json.data.sessions.find(({ id }: { id: string }) => id === session);
};

describe('a session that SpecStory’s command line sends', () => {
  it('is there in every form, byte for byte, and says so with the same tag everywhere', async () => {
    const id = fresh();
    expect((await client.head(id)).status).toBe(404);
    const body = bodyOf(id, ['one', 'two ☕']);
    const put = await client.put(id, body);
    expect(put.status, put.text).toBe(201);
    expect(put.json).toMatchObject({ success: true, data: { sessionId: id, projectId: project } });
    const tag = put.headers.get('ETag');
    expect(tag).toMatch(/^W\/"[0-9a-f]{64}"$/);

    const sizes = { markdown: Buffer.byteLength(body.markdown), data: Buffer.byteLength(body.sessionData) };
    const all = await client.get(`/projects/${project}/sessions/sizes`);
    expect(all.json.data.sessions).toMatchObject({ [id]: sizes.markdown, [`${id}:sessionData`]: sizes.data });

    const read = await client.get(path(id));
    expect(read.json.data.session).toMatchObject({
      id,
      projectId: project,
      name: body.name,
      markdownContent: body.markdown,
      markdownSize: sizes.markdown,
      rawDataSize: Buffer.byteLength(body.rawData),
      metadata: body.metadata,
      startedAt: '2026-01-02T03:00:00.000Z',
      endedAt: '2026-01-02T03:02:00.000Z',
      project: { id: project, name: 'app' },
    });
    expect(read.headers.get('ETag')).toBe(tag);
    expect(await listed(id)).toMatchObject({ id, clientId: id, etag: tag, sessionDataSize: sizes.data });

    const text = await client.get(path(id), { Accept: 'text/markdown' });
    expect(text.text).toBe(body.markdown);
    expect(text.headers.get('Content-Type')).toMatch(/^text\/markdown/);
    const data = await client.get(path(id), { Accept: vendor });
    expect(data.text).toBe(body.sessionData);
    expect(data.headers.get('Content-Type')).toBe(vendor);
  });

  it('answers HEAD with sizes and the length of what GET gives, and no body', async () => {
    const id = fresh();
    const body = bodyOf(id);
    await client.put(id, body);
    const [head, get] = [await client.head(id), await client.get(path(id))];
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
    expect(head.headers.get('Content-Length')).toBe(String(Buffer.byteLength(get.text)));
    expect(head.headers.get('X-Markdown-Size')).toBe(String(Buffer.byteLength(body.markdown)));
    expect(head.headers.get('X-Session-Data-Size')).toBe(String(Buffer.byteLength(body.sessionData)));
    expect(head.headers.get('X-Raw-Data-Size')).toBe(String(Buffer.byteLength(body.rawData)));
    expect(head.headers.get('ETag')).toBe(get.headers.get('ETag'));
    expect(Date.parse(head.headers.get('Last-Modified') ?? '')).toBeGreaterThan(0);
  });

  it('is not sent again to who has it (304), by GET and HEAD, and is when it changed', async () => {
    const id = fresh();
    const put = await client.put(id, bodyOf(id));
    const tag = put.headers.get('ETag') ?? '';
    for (const known of [tag, `"x", ${tag}`, tag.replace('W/', ''), '*']) {
      const answer = await client.get(path(id), { 'If-None-Match': known });
      expect([answer.status, answer.text, answer.headers.get('ETag')]).toEqual([304, '', tag]);
      expect((await client.head(id, { 'If-None-Match': known })).status).toBe(304);
    }
    const again = await client.put(id, bodyOf(id, ['do it', 'and more']));
    expect(again.status).toBe(200);
    expect(again.headers.get('ETag')).not.toBe(tag);
    expect((await client.get(path(id), { 'If-None-Match': tag })).status).toBe(200);
  });

  it('lies in git under the server’s own writer: what it says, and what was sent', async () => {
    const id = fresh();
    const body = bodyOf(id, ['first', 'second']);
    await client.put(id, body);
    const writer = serverWriter(await key());
    const history = `refs/specstory/writers/${writer}/history`;
    const folder = `sessions/${
      (await git('ls-tree', '-r', '--name-only', history))
        .split('\n')
        .find((line) => line.includes(id))
        ?.split('/')[1]
    }/${id}`;
    const files = (await git('ls-tree', '-r', '--name-only', history, `${folder}/`)).trim().split('\n');
    expect(files).toHaveLength(3);
    expect(await git('show', `${history}:${files[0]}`)).toContain('first');
    const raw = `refs/specstory/writers/${writer}/raw`;
    const kept = folder.replace('sessions/', 'raw/');
    expect(await git('show', `${raw}:${kept}/received/000-markdown.md`)).toBe(body.markdown);
    expect(await git('show', `${raw}:${kept}/received/000-raw-data.txt`)).toBe(body.rawData);
    expect(await git('show', `${raw}:${kept}/received/000-session-data.json`)).toBe(body.sessionData);
    const { rejected } = await server.side.index.status(await key());
    expect(rejected).toEqual([]);
    const before = await git('rev-parse', history, raw);
    expect((await client.put(id, body)).status).toBe(200);
    expect(await git('rev-parse', history, raw)).toBe(before);
    await client.put(id, bodyOf(id, ['first', 'second', 'third']));
    const changed = await git('diff', '--name-status', `${before.split('\n')[0]}`, history);
    expect(
      changed
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 1))
        .sort(),
    ).toEqual(['A', 'M']);
  });

  it('is one with the same session that was pushed', async () => {
    const id = fresh();
    const asked = `u-${id}-0`;
    await plantPushed(server.side, await key(), {
      writer: 'c'.repeat(16),
      files: sessionFiles(id, [exchange(asked, 'do it')]),
    });
    expect((await client.put(id, bodyOf(id))).status).toBe(200);
    const rows = await server.side.store.exchanges(await key(), sid(id));
    expect(new Set(rows.map((row) => row.exchange)).size).toBe(1);
    expect(rows).toHaveLength(2);
    const { json } = await client.get(`/projects/${project}/sessions`);
    expect(json.data.sessions.filter((one: { id: string }) => one.id === id)).toHaveLength(1);
  });

  it('that was only pushed is listed and read as well', async () => {
    const id = fresh();
    await plantPushed(server.side, await key(), {
      writer: 'b'.repeat(16),
      files: sessionFiles(id, [exchange(`p-${id}`, 'Push it', 'Pushed.')]),
    });
    const item = await listed(id);
    expect(item).toMatchObject({ id, metadata: { agentName: 'Claude Code' } });
    const read = await client.get(path(id));
    expect(read.json.data.session.markdownContent).toContain('Push it');
    expect(read.headers.get('ETag')).toBe(item.etag);
    const [text, data] = [
      await client.get(path(id), { Accept: 'text/markdown' }),
      await client.get(path(id), { Accept: vendor }),
    ];
    expect(text.text).toMatch(/^<!-- Generated by SpecStory, Markdown v2.1.0 -->/);
    expect(JSON.parse(data.text)).toMatchObject({ schemaVersion: '1.0', sessionId: id });
    const { json } = await client.get(`/projects/${project}/sessions/sizes`);
    expect(json.data.sessions[id]).toBe(Buffer.byteLength(text.text));
    expect(json.data.sessions[`${id}:sessionData`]).toBe(Buffer.byteLength(data.text));
  });

  it('has an id in which the case of letters does not count', async () => {
    const id = `AbCd-${fresh()}`;
    await client.put(id, bodyOf(id));
    const read = await client.get(path(id.toLowerCase()));
    expect(read.json.data.session.id).toBe(id);
    expect((await client.put(id.toUpperCase(), bodyOf(id, ['more']))).status).toBe(200);
    expect((await client.get(path(id))).json.data.session.markdownContent).toContain('more');
  });

  it('leaves no secret anywhere', async () => {
    const id = fresh();
    const token = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0', 'K1l2M3n4O5p6Q7r8'].join('');
    const body = bodyOf(id, [`use ${token} now`]);
    expect((await client.put(id, body)).status).toBe(201);
    for (const Accept of ['application/json', 'text/markdown', vendor]) {
      const { text } = await client.get(path(id), { Accept });
      expect(text).not.toContain(token);
      expect(text).toContain('[REDACTED:');
    }
    expect(await git('cat-file', '--batch-all-objects', '--batch')).not.toContain(token);
    const { json } = await client.get(`/projects/${project}/sessions/sizes`);
    expect(json.data.sessions[id]).toBe(Buffer.byteLength(body.markdown));
  });

  it('is gone for good once it was deleted', async () => {
    const id = fresh();
    await client.put(id, bodyOf(id));
    const gone = await client.send('DELETE', path(id));
    expect([gone.status, gone.json.success]).toEqual([200, true]);
    expect((await client.get(path(id))).status).toBe(404);
    expect((await client.head(id)).status).toBe(404);
    expect(await listed(id)).toBeUndefined();
    const { json } = await client.get(`/projects/${project}/sessions/sizes`);
    expect(json.data.sessions[id]).toBeUndefined();
    expect((await client.send('DELETE', path(id))).status).toBe(404);
    const again = await client.put(id, bodyOf(id));
    expect(again).toMatchObject({ status: 409, json: { success: false, error: expect.stringContaining('deleted') } });
    const raw = `refs/specstory/writers/${serverWriter(await key())}/raw`;
    expect(await git('ls-tree', '-r', '--name-only', raw)).not.toContain(id);
  });

  it('loses what was received of it from the tree when a push deletes a part of it, or all of it', async () => {
    const [part, whole, other] = [fresh(), fresh(), fresh()];
    for (const id of [part, whole, other]) await client.put(id, bodyOf(id, ['one', 'two']));
    const writer = serverWriter(await key());
    const kept = () => git('ls-tree', '-r', '--name-only', `refs/specstory/writers/${writer}/raw`);
    const received = async (id: string) => (await kept()).includes(`/${id}/received/`);
    expect(await Promise.all([part, whole, other].map(received))).toEqual([true, true, true]);
    const [first] = await server.side.store.exchanges(await key(), sid(part));
    const about = { session: sid(part), exchange: first?.exchange };
    const content = [first?.fingerprint ?? ''];
    const said = { writer: writerId('d'.repeat(16)), lamport: 1 };
    await plantPushed(server.side, await key(), {
      writer: said.writer,
      files: {
        ...annotationFiles({ ...said, ...about, statement: { kind: 'deleted', exchanges: [], content } }),
        ...annotationFiles({
          ...{ ...said, n: 1, session: sid(whole) },
          statement: { kind: 'deleted', exchanges: [], content: [] },
        }),
      },
    });
    await expect.poll(() => Promise.all([part, whole, other].map(received))).toEqual([false, false, true]);
    const history = await git('ls-tree', '-r', '--name-only', `refs/specstory/writers/${writer}/history`);
    expect([part, whole].map((id) => history.includes(`/${id}/`))).toEqual([true, false]);
    const read = await client.get(path(part));
    expect(read.json.data.session.markdownContent).toContain('two');
    expect((await client.get(path(whole))).status).toBe(404);
  });

  it('many at once become few commits, and all are there', async () => {
    const ids = Array.from({ length: 40 }, fresh);
    const writer = serverWriter(await key());
    const commits = async () => Number(await git('rev-list', '--count', `refs/specstory/writers/${writer}/history`));
    const before = await commits();
    const answers = await Promise.all(ids.map((id) => client.put(id, bodyOf(id))));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 201));
    expect((await commits()) - before).toBeLessThan(20);
    const { json } = await client.get(`/projects/${project}/sessions/sizes`);
    expect(Object.keys(json.data.sessions)).toEqual(expect.arrayContaining(ids));
  });
});
