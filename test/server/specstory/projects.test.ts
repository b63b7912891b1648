import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFor } from '../../../src/server/accounts/projects.ts';
import { serverWriter } from '../../../src/server/annotate/server-writer.ts';
import type { Account } from '../../../src/server/store/account-store.ts';
import { startServer, type TestServer } from '../../hosts/server.ts';
import { exchange, plantPushed, sessionFiles, sid, writerId } from '../sessions.ts';
import { bodyOf, type CommandLine, commandLine, uuid } from './command-line.ts';

let server: TestServer;
let ann: Account;
let token: string;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  ann = await server.account('ann');
  token = await server.token(ann, 'capture:write', 'sessions:read', 'share:write', 'search:read');
});
afterAll(() => server.stop());

/** A project of its own for a test, with some sessions. */
async function filled(...prompts: readonly string[][]): Promise<{ id: string; client: CommandLine; ids: string[] }> {
  const id = `aaaa-bbbb-cccc-${String(++count).padStart(4, '0')}`;
  const client = commandLine(server, token, id);
  const ids: string[] = [];
  for (const said of prompts) {
    const session = uuid(++count);
    ids.push(session);
    await client.put(session, { ...bodyOf(session, said), projectName: `app ${id}` });
  }
  return { id, client, ids };
}
const keyOf = async (id: string): Promise<string> =>
  (await projectFor(server.registry, { account: ann.id }, id))?.key ?? '';
const objectsOf = async (id: string): Promise<string> => {
  const { gitDir } = await server.side.repositories.make(await keyOf(id));
  const args = ['-C', gitDir, 'cat-file', '--batch-all-objects', '--batch'];
  return execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
};

describe('projects', () => {
  it('are listed with a name that the client gave, and changed within the words that there are', async () => {
    const { id, client } = await filled(['one']);
    const listed = async () =>
      (await client.get('/projects')).json.data.projects.find((one: { id: string }) => one.id === id);
    expect(await listed()).toMatchObject({ id, name: `app ${id}`, ownerId: ann.id, icon: null, color: null });
    const changed = await client.send('PATCH', `/projects/${id}`, { name: 'Mine', icon: 'Rocket', color: 'emerald' });
    expect(changed.json.data).toMatchObject({ name: 'Mine', icon: 'Rocket', color: 'emerald' });
    expect(await listed()).toMatchObject({ name: 'Mine', icon: 'Rocket', color: 'emerald' });
    for (const wrong of [{ icon: 'Nothing' }, { color: 'red' }, { name: '' }, { name: 1 }, []])
      expect((await client.send('PATCH', `/projects/${id}`, wrong)).status, JSON.stringify(wrong)).toBe(400);
    const session = uuid(++count);
    await client.put(session, { ...bodyOf(session), projectName: 'Another' });
    expect(await listed()).toMatchObject({ name: 'Mine' });
  });

  it('are deleted with all that they have, and their id begins anew', async () => {
    const { id, client, ids } = await filled(['canary-to-go']);
    const key = await keyOf(id);
    const { gitDir } = await server.side.repositories.make(key);
    const gone = await client.send('DELETE', `/projects/${id}`);
    expect(gone.json).toMatchObject({ success: true, data: { deletedProject: { id }, deletedAt: expect.any(String) } });
    expect((await client.get(`/projects/${id}/sessions`)).status).toBe(404);
    expect((await client.get(`/projects/${id}/sessions/sizes`)).json.data.sessions).toEqual({});
    expect(execFileSync('git', ['-C', gitDir, 'for-each-ref'], { encoding: 'utf8' })).toBe('');
    const objects = execFileSync('git', ['-C', gitDir, 'cat-file', '--batch-all-objects', '--batch-check']);
    expect(String(objects)).toBe('');
    expect(await server.side.store.sessions(key)).toEqual([]);
    expect((await client.put(ids[0] ?? '', bodyOf(ids[0] ?? ''))).status).toBe(201);
    expect(await keyOf(id)).not.toBe(key);
  });

  it('of which sessions can be continued are listed with them, newest first', async () => {
    const { id, client, ids } = await filled(['one'], ['two']);
    await client.put(uuid(++count), { ...bodyOf('x'), sessionData: undefined });
    const { json } = await client.get(`/projects/${id}/sessions?resumable=true`);
    expect(json.data.sessions.map((one: { id: string }) => one.id)).toEqual([...ids].reverse());
    const all = (await client.get('/projects?resumable=true')).json.data.projects;
    const one = all.find((found: { id: string }) => found.id === id);
    expect(one).toMatchObject({ sessionCount: 2, lastUpdated: expect.any(String) });
    expect(one.sessions[0]).toMatchObject({ clientId: ids[1], projectId: id, metadata: { agentName: 'Claude Code' } });
    for (const { sessions } of all) expect(sessions.length).toBeGreaterThan(0);
  });

  it('give their latest sessions together', async () => {
    const { ids } = await filled(['one'], ['two']);
    const client = commandLine(server, token);
    const recent = await client.get('/sessions/recent?limit=2');
    expect(recent.json.data.sessions.map((one: { id: string }) => one.id)).toEqual([...ids].reverse());
    expect(recent.json.data.sessions[0].project).toMatchObject({ name: expect.stringContaining('app ') });
    expect((await client.get('/sessions/recent')).json.data.sessions.length).toBeLessThanOrEqual(5);
    for (const limit of ['0', '101', 'x', '-1']) {
      expect((await client.get(`/sessions/recent?limit=${limit}`)).status, limit).toBe(400);
    }
  });
});

describe('what was said of a session since', () => {
  it('shows: its title everywhere with a new tag, and hidden in no list', async () => {
    const { id, client, ids } = await filled(['one'], ['two']);
    const [first = '', second = ''] = ids;
    const say = (session: string, statement: object) =>
      server.send('POST', `/api/v2/projects/${id}/annotations`, { token, body: { session, statement } });
    const before = (await client.get(`/projects/${id}/sessions/${first}`)).headers.get('ETag');
    await say(first, { kind: 'title', value: 'A better name' });
    await say(second, { kind: 'hidden', value: true });
    const { json } = await client.get(`/projects/${id}/sessions`);
    expect(json.data.sessions).toMatchObject([{ id: first, userTitle: 'A better name' }]);
    const read = await client.get(`/projects/${id}/sessions/${first}`);
    expect(read.headers.get('ETag')).toBe(json.data.sessions[0].etag);
    expect(read.headers.get('ETag')).not.toBe(before);
    expect((await client.put(first, bodyOf(first, ['one']))).headers.get('ETag')).toBe(read.headers.get('ETag'));
    expect((await client.get(`/projects/${id}/sessions/sizes`)).json.data.sessions[second]).toBeGreaterThan(0);
    expect((await client.get(`/projects/${id}/sessions/${second}`)).status).toBe(200);
  });

  it('shows: an exchange that was deleted is in no form of it, and does not come back', async () => {
    const { id, client, ids } = await filled(['keep this', 'canary of the second']);
    const [session = ''] = ids;
    const key = await keyOf(id);
    const rows = await server.side.store.exchanges(key, sid(session));
    const body = { session, exchange: rows[1]?.exchange, statement: { kind: 'deleted', exchanges: [], content: [] } };
    expect((await server.send('POST', `/api/v2/projects/${id}/annotations`, { token, body })).status).toBe(200);
    const tip = `refs/specstory/writers/${serverWriter(key)}`;
    const { gitDir } = await server.side.repositories.make(key);
    const tree = execFileSync('git', ['-C', gitDir, 'ls-tree', '-r', '--name-only', `${tip}/raw`], {
      encoding: 'utf8',
    });
    expect(tree).not.toContain(session);
    const read = async () => {
      const vendor = 'application/vnd.specstory.session-data+json';
      const all = ['application/json', 'text/markdown', vendor].map((Accept) =>
        client.get(`/projects/${id}/sessions/${session}`, { Accept }),
      );
      return Promise.all(all);
    };
    for (const { status, text } of await read()) {
      expect([status, text.includes('keep this'), text.includes('canary')]).toEqual([200, true, false]);
    }
    const again = await client.put(session, bodyOf(session, ['keep this', 'canary of the second', 'and on']));
    expect(again.status).toBe(200);
    for (const { text } of await read()) {
      expect([text.includes('and on'), text.includes('canary')]).toEqual([true, false]);
    }
    for (const kind of ['history', 'raw']) {
      const archive = execFileSync('git', ['-C', gitDir, 'archive', '--format=tar', `${tip}/${kind}`], {
        encoding: 'utf8',
      });
      expect(archive.includes('canary'), kind).toBe(false);
    }
  });

  it('a purge takes it out of every commit and every table', async () => {
    const { id, client, ids } = await filled(['canary to purge'], ['stays']);
    const [gone = '', stays = ''] = ids;
    const body = { sessions: [gone] };
    expect((await server.send('POST', `/api/v2/projects/${id}/purge`, { token, body })).json.purged).toEqual([gone]);
    expect((await client.get(`/projects/${id}/sessions/${gone}`)).status).toBe(404);
    const { json } = await client.get(`/projects/${id}/sessions/sizes`);
    expect(Object.keys(json.data.sessions).sort()).toEqual([stays, `${stays}:sessionData`]);
    expect((await client.get(`/projects/${id}/sessions/${stays}`)).json.data.session.markdownContent).toContain(
      'stays',
    );
    expect(await objectsOf(id)).not.toContain('canary to purge');
    const more = uuid(++count);
    expect((await client.put(more, bodyOf(more))).status).toBe(201);
  });
});

describe('search for sessions to continue', () => {
  it('finds beginnings of words, phrases and names, without accents and case, newest first, with a snippet', async () => {
    const { id, client, ids } = await filled(['Fix the café login'], ['Refactor the Parser quickly'], ['fix parsers']);
    const find = async (query: string): Promise<string[]> => {
      const { json } = await client.send('POST', '/search/resume', { query, projectId: id });
      return json.data.results.map((one: { clientId: string }) => one.clientId);
    };
    const [login, refactor, parsers] = ids;
    expect(await find('cafe')).toEqual([login]);
    expect(await find('pars')).toEqual([parsers, refactor]);
    expect(await find('fix pars')).toEqual([parsers]);
    expect(await find('"parser quickly"')).toEqual([refactor]);
    expect(await find('"the pars')).toEqual([refactor]);
    expect(await find('"the pars"')).toEqual([]);
    expect(await find('arser')).toEqual([]);
    expect(await find('p')).toEqual([]);
    const { json } = await client.send('POST', '/search/resume', { query: 'CAFÉ' });
    expect(json.data.results[0]).toMatchObject({ projectName: `app ${id}` });
    expect(json.data.complete).toBe(true);
    expect(json.data.results[0].snippet).toContain('\x02café\x03');
  });

  it('finds what was pushed, and nothing that was deleted (B50)', async () => {
    const { id, client } = await filled(['one']);
    const session = uuid(++count);
    const files = sessionFiles(session, [exchange(`x-${session}`, 'The pelican question')]);
    await plantPushed(server.side, await keyOf(id), { writer: writerId('e'.repeat(16)), files });
    const search = async () => (await client.send('POST', '/search/resume', { query: 'pelican' })).json.data.results;
    expect((await search()).map((one: { id: string }) => one.id)).toEqual([session]);
    expect((await client.send('DELETE', `/projects/${id}/sessions/${session}`)).status).toBe(200);
    expect(await search()).toEqual([]);
  });
});
