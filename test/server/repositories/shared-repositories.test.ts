import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packFolder } from '../../../src/git/packs.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { openShared } from '../../../src/server/store/postgres/open.ts';
import { checkRepository, git, temporaryFolder } from '../../git/repositories.ts';
import { faultProxy } from '../../hosts/fault-proxy.ts';
import { connected, freshDatabase, postgres } from '../store/fresh-database.ts';
import { addFile, key, repositoriesContract } from './repositories-contract.ts';

/** Two servers of one database. */
async function pair(url?: string) {
  const address = url ?? (await freshDatabase());
  const datas = [temporaryFolder(), temporaryFolder()] as const;
  const servers = [await openShared(address, datas[0]), await openShared(address, datas[1])] as const;
  const database = connected(address);
  onTestFinished(async () => {
    await Promise.all([...servers, database].map((one) => one.close()));
  });
  const rows = (sql: string) => database.inProject(key, (session) => session.rows(sql));
  return { address, datas, servers, rows };
}

const packsOf = (repository: Pick<Repository, 'commonDir'>) =>
  readdirSync(packFolder(repository)).filter((name) => name.endsWith('.pack'));
const copyIn = (data: string) => path.join(data, 'repositories', key.slice(0, 2), `${key}.git`);

describe.runIf(postgres)('repositories that servers share', () => {
  repositoriesContract(async () => {
    const url = await freshDatabase();
    const open = () => openShared(url, temporaryFolder());
    return { repositories: await open(), reopen: open };
  });

  it('show nothing that is not kept, and keep nothing of work that fails at its end', async () => {
    const { datas, servers, rows } = await pair();
    const [one, two] = servers;
    await one.exclusively(key, (repository) => addFile(repository, 'a', '1'));
    const before = await one.tips(key);
    const failed = one.exclusively(key, async (repository) => {
      await addFile(repository, 'a', '2');
      expect(git((await one.open(key)).gitDir, 'rev-parse', before[0]?.ref ?? '')).toBe(before[0]?.oid);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    for (const each of [one, two]) expect(await each.tips(key)).toEqual(before);
    expect(await rows('SELECT pack FROM git.packs')).toHaveLength(1);
    await one.exclusively(key, (repository) => addFile(repository, 'a', '3'));
    // What the failed work left is gone with it.
    expect(
      readdirSync(path.join(copyIn(datas[0]), 'objects', 'pack')).filter((name) => name.endsWith('.pack')),
    ).toHaveLength(2);
    expect(git((await two.open(key)).gitDir, 'show', `${(await two.tips(key))[0]?.oid}:a`)).toBe('3');
  });

  it('carry large packs in pieces, byte by byte, and do not show one that is damaged', async () => {
    const { address, servers, rows } = await pair();
    const text = randomBytes(3 << 20).toString('base64');
    await servers[0].exclusively(key, (repository) => addFile(repository, 'large', text));
    const pieces = await rows(
      "SELECT octet_length(content) AS bytes FROM git.pieces WHERE file = 'pack' ORDER BY part",
    );
    expect(pieces.length).toBeGreaterThan(3);
    expect(Math.max(...pieces.map(({ bytes }) => Number(bytes)))).toBe(1 << 20);
    const { gitDir } = await servers[1].open(key);
    checkRepository(gitDir);
    expect(git(gitDir, 'cat-file', '-s', `${(await servers[1].tips(key))[0]?.oid}:large`)).toBe(String(text.length));
    await rows('UPDATE git.pieces SET content = set_byte(content, 500, get_byte(content, 500) # 1) WHERE part = 1');
    const third = await openShared(address, temporaryFolder());
    onTestFinished(() => third.close());
    await expect(third.open(key)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('damaged'),
    });
  });

  it('are made again from the database when the copies are lost', async () => {
    const { address, datas, servers } = await pair();
    await servers[0].exclusively(key, (repository) => addFile(repository, 'a', '1'));
    await servers[1].open(key);
    for (const name of ['repositories', 'shown']) rmSync(path.join(datas[1], name), { recursive: true });
    const again = await openShared(address, datas[1]);
    onTestFinished(() => again.close());
    await again.recover();
    checkRepository((await again.open(key)).gitDir);
    await again.exclusively(key, (repository) => addFile(repository, 'a', '2'));
    expect(git((await servers[0].open(key)).gitDir, 'rev-list', '--count', '--all')).toBe('2');
  });

  it('lose what work takes away on every server, and refuse work that takes away all there is', async () => {
    const { datas, servers, rows } = await pair();
    const [one, two] = servers;
    for (const text of ['1', '2', '3']) await one.exclusively(key, (repository) => addFile(repository, 'a', text));
    await two.open(key);
    await one.exclusively(key, async (repository) => git(repository.gitDir, 'repack', '-adq'));
    expect(await rows('SELECT pack FROM git.packs')).toHaveLength(1);
    // Also where nobody asks for it any more.
    await two.refresh();
    expect(packsOf({ commonDir: copyIn(datas[1]) })).toHaveLength(1);
    const careless = two.exclusively(key, async (repository) => {
      expect(packsOf(repository)).toHaveLength(1);
      for (const name of readdirSync(packFolder(repository))) rmSync(path.join(packFolder(repository), name));
    });
    await expect(careless).rejects.toThrow();
    expect(await rows('SELECT pack FROM git.packs')).toHaveLength(1);
    checkRepository((await two.open(key)).gitDir);
    await two.exclusively(key, (repository) => addFile(repository, 'a', '4'));
    checkRepository((await one.open(key)).gitDir);
  });

  it('are whole, and the same everywhere, wherever the line to the database is cut while work is kept (R16)', async () => {
    const url = new URL(await freshDatabase());
    const proxy = await faultProxy(Number(url.port));
    onTestFinished(() => proxy.close());
    const { servers } = await pair(url.href);
    const through = Object.assign(new URL(url), { port: String(proxy.port) }).href;
    const text = randomBytes(1 << 20).toString('base64');
    const cuts = [
      ...[200, 700, 1200, 100_000, 1_100_000].map((toServer) => ({ toServer })),
      ...Array.from({ length: 8 }, (_, at) => ({ toClient: 400 + 150 * at })),
    ];
    let kept = 0;
    for (const [at, cut] of cuts.entries()) {
      const server = await openShared(through, temporaryFolder());
      proxy.faults.resetAfter = cut;
      const work = server.exclusively(key, (repository) => addFile(repository, `large-${at}`, text));
      kept += await work.then(
        () => 1,
        () => 0,
      );
      delete proxy.faults.resetAfter;
      await server.exclusively(key, (repository) => addFile(repository, 'a', String(at)));
      checkRepository((await server.open(key)).gitDir);
      expect(await server.tips(key)).toEqual(await servers[0].tips(key));
      expect(packsOf(await server.exclusively(key, async (one) => one)).length).toBeLessThanOrEqual(2 * (at + 1));
      await server.close();
    }
    checkRepository((await servers[1].open(key)).gitDir);
    expect(kept).toBeLessThan(cuts.length);
  });
});
