import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObjectId } from '../../../src/core/ids.ts';
import { furthestJump } from '../../../src/core/lamport.ts';
import { sessionPath } from '../../../src/core/layout.ts';
import { moveRefs } from '../../../src/git/ref-moves.ts';
import { writerTips } from '../../../src/git/writer-ref.ts';
import type { Project, Scope } from '../../../src/server/access.ts';
import { projectFor, setMember } from '../../../src/server/accounts/projects.ts';
import { serverWriter } from '../../../src/server/annotate/server-writer.ts';
import { claimFor } from '../../../src/server/receive/authorise.ts';
import { startServer, type TestServer } from '../../hosts/server.ts';
import { annotationFiles, exchange, plantPushed, sessionFiles, sid, writerId } from '../sessions.ts';

const [ofOwner, ofWriter] = ['a'.repeat(16), 'b'.repeat(16)] as const;
let server: TestServer;
let tokens: Record<'owner' | 'writer', string>;
let project: Project;
let gitDir: string;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  const [owner, writer] = [await server.account('owner'), await server.account('writer')];
  const made = await projectFor(server.registry, { account: owner.id }, 'app', { create: true });
  if (!made) throw new Error('no project');
  project = made;
  ({ gitDir } = await server.side.repositories.make(project.key));
  await setMember(server.registry, project, { name: 'writer', role: 'writer', by: 'administrator' });
  const { access } = server.services;
  expect(await access.claimWriter(project, writerId(ofOwner), owner.id)).toBe(true);
  expect(await access.claimWriter(project, writerId(ofWriter), writer.id)).toBe(true);
  const scopes = ['capture:write', 'sessions:read', 'share:write'] as const;
  tokens = { owner: await server.token(owner, ...scopes), writer: await server.token(writer, ...scopes) };
});
afterAll(() => server.stop());

const push = (writer: string, files: Record<string, string>) =>
  plantPushed(server.side, project.key, { writer, files });
const say = (who: keyof typeof tokens, body: object) =>
  server.send('POST', '/api/v2/projects/app/annotations', { token: tokens[who], body });
const purge = (who: keyof typeof tokens, body: object) =>
  server.send('POST', '/api/v2/projects/app/purge', { token: tokens[who], body });
const said = async () =>
  (await server.send('GET', '/api/v2/projects/app/annotations', { token: tokens.owner })).json.annotations;
const git = (...args: string[]) =>
  execFileSync('git', ['-C', gitDir, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
const ownRef = () => `refs/specstory/writers/${serverWriter(project.key)}/history`;
const name = (base: string) => `${base}-${++count}`;
const objects = () => git('cat-file', '--batch-all-objects', '--batch');

const listed = async () => (await server.side.store.sessions(project.key)).map(({ session }) => String(session));

/** A session that a writer pushed, with one exchange of its own. */
async function pushed(writer: string, text = 'nothing'): Promise<string> {
  const id = name('s');
  await push(writer, sessionFiles(id, [exchange(`x-${id}`, text)]));
  return id;
}

describe('what is said through the API', () => {
  it('lies in git as a writer’s of the server’s own, after everything that was said', async () => {
    const session = await pushed(ofOwner);
    const at = { lamport: 41, writer: writerId(ofOwner), session: sid(session) };
    await push(ofOwner, annotationFiles({ ...at, statement: { kind: 'hidden', value: true } }));
    const answer = await say('writer', { session, statement: { kind: 'title', value: 'Its name' } });
    expect(answer.json).toMatchObject({ format: 1, lamport: 42, writer: serverWriter(project.key), session });
    const path = `annotations/${sessionPath(sid(session)).split('/')[1]}/42-${serverWriter(project.key)}-0.json`;
    expect(JSON.parse(git('show', `${ownRef()}:${path}`))).toEqual(answer.json);
    expect(JSON.parse(git('show', `${ownRef()}:specstory.json`))).toEqual({
      format: 1,
      writer: serverWriter(project.key),
    });
    expect(git('log', '-1', '--format=%an', ownRef()).trim()).toBe('writer');
    const here = (await said()).filter((one: { session: string }) => one.session === session);
    expect(here.map(({ statement }: { statement: { kind: string } }) => statement.kind)).toEqual(['hidden', 'title']);
    const status = await server.side.index.status(project.key);
    expect(status.rejected).toEqual([]);
  });

  it('never overtakes what counts by a clock that does not', async () => {
    const session = await pushed(ofOwner);
    const at = { writer: writerId(ofOwner), session: sid(session), n: 7 };
    const far = 5 * furthestJump;
    await push(ofOwner, annotationFiles({ ...at, lamport: far, statement: { kind: 'hidden', value: true } }));
    const { json } = await say('owner', { session, statement: { kind: 'tag', tag: 'x', value: true } });
    expect(json.lamport).toBeLessThan(far);
    expect((await said()).at(-1)).toMatchObject({ lamport: json.lamport, statement: { kind: 'tag' } });
  });

  it('many at once each get a time of their own', async () => {
    const session = await pushed(ofOwner);
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, n) => say('owner', { session, statement: { kind: 'title', value: `title ${n}` } })),
    );
    expect(all.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(new Set(all.map(({ json }) => json.lamport)).size).toBe(6);
  });

  it('holds no secret, and is about something that is there', async () => {
    const session = await pushed(ofOwner);
    const token = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0', 'K1l2M3n4O5p6Q7r8'].join('');
    const before = git('rev-parse', ownRef());
    const answer = await say('owner', { session, statement: { kind: 'title', value: `use ${token}` } });
    expect(answer).toMatchObject({ status: 400, json: { code: 'bad_request' } });
    expect(answer.text).not.toContain(token);
    expect((await say('owner', { session: 'absent', statement: { kind: 'hidden', value: true } })).status).toBe(404);
    const statement = { kind: 'hidden', value: true };
    expect((await say('owner', { session, exchange: '0'.repeat(12), statement })).status).toBe(404);
    expect((await say('owner', { session, statement: { kind: 'title', value: '' } })).status).toBe(400);
    expect((await say('owner', { session, statement: { kind: 'other' } })).status).toBe(400);
    expect(git('rev-parse', ownRef())).toBe(before);
    expect(objects()).not.toContain(token);
  });

  it('deletes for everybody what is one’s own; what others have as well only an owner', async () => {
    const [mine, theirs] = [await pushed(ofWriter), await pushed(ofOwner)];
    const statement = { kind: 'deleted', exchanges: [], content: [] };
    expect(await say('writer', { session: theirs, statement })).toMatchObject({
      status: 403,
      json: { code: 'insufficient_role' },
    });
    const { json } = await say('writer', { session: mine, statement });
    expect(json.statement.exchanges).toHaveLength(1);
    expect(json.statement.content).toHaveLength(1);
    expect((await say('owner', { session: theirs, statement })).status).toBe(200);
    const left = await listed();
    expect(left).not.toContain(mine);
    expect(left).not.toContain(theirs);
    expect((await say('writer', { session: mine, statement: { kind: 'hidden', value: true } })).status).toBe(404);
  });

  it('is nobody’s to push', async () => {
    const actor = { account: 'f'.repeat(32), name: 'x', scopes: new Set<Scope>() };
    const claim = claimFor(server.services.access, { project, actor });
    expect(await claim(serverWriter(project.key))).toBe(false);
    const all = await server.send('GET', '/api/v2/projects/app/status', { token: tokens.owner });
    expect(all.json.writers).toContainEqual(
      expect.objectContaining({
        writer: serverWriter(project.key),
        account: null,
        history: git('rev-parse', ownRef()).trim(),
      }),
    );
  });
});

describe('a purge through the API', () => {
  it('B70: leaves nothing in objects and database, says that it is deleted, and keeps the rest', async () => {
    const [gone, stays] = [await pushed(ofWriter, 'a plan of midnight'), await pushed(ofWriter, 'another plan')];
    await say('owner', { session: gone, statement: { kind: 'title', value: 'midnight title' } });
    expect(objects()).toMatch(/midnight/);
    const answer = await purge('writer', { sessions: [gone] });
    expect(answer.json).toEqual({ purged: [gone], unreachable: [] });
    expect(objects()).not.toMatch(/midnight/);
    for (const file of readdirSync(server.data).filter((one) => one.startsWith('index.sqlite')))
      expect(readFileSync(join(server.data, file), 'latin1'), file).not.toMatch(/midnight/);
    expect(git('fsck', '--strict', '--unreachable', '--no-progress')).toBe('');
    const left = await listed();
    expect(left).toContain(stays);
    expect(left).not.toContain(gone);
    expect(await server.side.store.isDeleted(project.key, sid(gone))).toBe(true);
    expect((await purge('writer', { sessions: [gone] })).json).toEqual({ purged: [gone], unreachable: [] });
  });

  it('takes back a session that somebody pushes again', async () => {
    const gone = await pushed(ofWriter, 'a plan of midnight');
    await purge('owner', { sessions: [gone] });
    await push(ofOwner, sessionFiles(gone, [exchange(`x-${gone}`, 'a plan of midnight')]));
    expect(await listed()).not.toContain(gone);
    expect((await purge('owner', { sessions: [gone] })).json).toEqual({ purged: [gone], unreachable: [] });
    expect(objects()).not.toMatch(/midnight/);
  });

  it('says what it may not reach, and does the rest', async () => {
    const both = name('both');
    for (const writer of [ofOwner, ofWriter])
      await push(writer, sessionFiles(both, [exchange(`x-${both}`, 'of both')]));
    const { json } = await purge('writer', { sessions: [both] });
    expect(json).toEqual({ purged: [], unreachable: [expect.stringContaining(ofOwner)] });
    const rows = (await server.side.store.sessions(project.key)).filter(({ session }) => session === both);
    expect(rows.map(({ writer }) => String(writer))).toEqual([ofOwner]);
    expect(await server.side.store.isDeleted(project.key, sid(both))).toBe(false);
  });

  it('is finished by the next start when it was cut off before the objects were dropped', async () => {
    const gone = await pushed(ofWriter, 'a plan of midnight');
    const { repositories } = server.side;
    const cut = repositories.rewriting(project.key, async (repository) => {
      const tip = (await writerTips(repository)).find((one) => one.writer === ofWriter);
      if (!tip) throw new Error('no ref');
      const to = git('rev-parse', `${tip.oid}~1`).trim();
      if (!isObjectId(to)) throw new Error(to);
      await moveRefs(repository, [{ ref: tip.ref, from: tip.oid, to }], { name: 'x', email: 'x@example.org' });
      throw new Error('killed');
    });
    await expect(cut).rejects.toThrow('killed');
    expect(objects()).toMatch(/midnight/);
    await server.side.recover();
    expect(objects()).not.toMatch(/midnight/);
    expect(await listed()).not.toContain(gone);
  });
});
