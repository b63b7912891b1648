import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RealServer, realServer } from '../hosts/real-server.ts';
import { scratch } from '../hosts/scratch.ts';
import { serving } from '../hosts/serving.ts';
import { Clone, writerB } from '../server/clone.ts';
import { annotationFiles, exchange, sessionFiles, sid, writerId } from '../server/sessions.ts';
import { specstory } from '../sync/world.ts';

const tables = ['cursors', 'sessions', 'exchanges', 'annotations', 'deletions', 'rejections'];

/** Every row of the index as SQL has it, but for its number. */
function rowsOf(data: string): string[] {
  const connection = new (createRequire(import.meta.url)('libsql'))(join(data, 'index.sqlite'));
  try {
    return tables.flatMap((table) => {
      const rows: Record<string, unknown>[] = connection.prepare(`SELECT * FROM ${table}`).all();
      return rows.map(({ number: _, ...row }) => `${table} ${JSON.stringify(row)}`).sort();
    });
  } finally {
    connection.close();
  }
}

/** A server with two projects: what is good, bad, said, and deleted. */
async function filled(): Promise<RealServer> {
  const server = await realServer();
  const token = server.token('ada', 'capture:write');
  const [one, two] = [new Clone(), new Clone(writerB)];
  const say = { writer: writerId(writerB), session: sid('two') };
  const push = async (clone: Clone, project: string, files: Record<string, string>, parent?: string) => {
    const tip = clone.commit(files, parent);
    expect(await clone.push(`${server.url}/git/${project}`, token, [`${tip}:${clone.ref()}`])).toMatchObject({
      code: 0,
    });
    return tip;
  };
  const tip = await push(one, 'app', { ...sessionFiles('one', [exchange('x')]), 'sessions/aa/bad/session.md': 'x' });
  await push(one, 'app', sessionFiles('one', [exchange('x'), exchange('y')]), tip);
  const second = await push(two, 'app', { ...sessionFiles('two', [exchange('z')]), 'annotations/aa/what.json': '{}' });
  const statement = { kind: 'deleted' as const, exchanges: [], content: [] };
  await push(two, 'app', annotationFiles({ ...say, lamport: 1, statement }), second);
  await push(new Clone('cccccccccccccccc'), 'other', sessionFiles('three', [exchange('x')]));
  return server;
}

describe('specstory cloud reindex', () => {
  it('makes the same rows from git, also of a database that is gone', async () => {
    const server = await filled();
    const home = scratch();
    const cloud = (...args: string[]) => specstory(home, ['cloud', 'reindex', ...args, '--data', server.data]);
    const before = rowsOf(server.data);
    expect(before.length).toBeGreaterThan(10);
    expect(await cloud()).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/specstory serve.*\n.*--server URL/),
    });
    await server.kill();
    const all = await cloud('--json');
    expect(all).toMatchObject({ code: 0, err: '' });
    expect(
      all.out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { project: 'ada/app', items: 5, rejected: 2 },
      { project: 'ada/other', items: 1, rejected: 0 },
    ]);
    expect(rowsOf(server.data)).toEqual(before);
    for (const end of ['', '-wal', '-shm']) rmSync(join(server.data, `index.sqlite${end}`), { force: true });
    expect(await cloud()).toMatchObject({ code: 0, out: expect.stringContaining('ada/app: 5 items, 2 not taken in') });
    expect(rowsOf(server.data)).toEqual(before);
    expect(await cloud('ada/app')).toMatchObject({ code: 0 });
    expect(rowsOf(server.data)).toEqual(before);
    expect(await cloud('ada/none')).toMatchObject({ code: 1, err: expect.stringContaining('no such project') });
    expect(await cloud('none')).toMatchObject({ code: 2 });
  });

  it('is done by the server that runs, for its administrators', async () => {
    const server = await filled();
    const home = scratch();
    const before = rowsOf(server.data);
    const ask = (token: string, ...args: string[]) =>
      specstory(home, ['cloud', 'reindex', ...args, '--server', server.url, '--token', '-'], { input: `${token}\n` });
    const admin = server.token('ada', 'admin');
    expect(await ask(admin)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ada\/app: 5 items.*\n.*ada\/other: 1 item\n/),
    });
    expect(rowsOf(server.data)).toEqual(before);
    expect(await ask(admin, 'ada/none')).toMatchObject({ code: 1, err: expect.stringContaining('no such project') });
    server.cloud(['user', 'add', 'bob', '--no-password']);
    expect(await ask(server.token('bob', 'admin'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('administrators'),
    });
    expect(await server.now().end()).toBe(0);
    await serving(server.data);
    expect(rowsOf(server.data)).toEqual(before);
  });
});
