import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { isObjectId } from '../../src/core/ids.ts';
import { writerTips } from '../../src/git/writer-ref.ts';
import type { Repositories } from '../../src/server/repositories/repositories.ts';
import { openPostgresIndexStore } from '../../src/server/store/postgres/index-store.ts';
import { openShared } from '../../src/server/store/postgres/open.ts';
import { bundle } from '../faults/bundle.ts';
import { checkRepository, git, temporaryFolder } from '../git/repositories.ts';
import { balancer } from '../hosts/balancer.ts';
import { Clone } from './clone.ts';
import { keyOf } from './memory-access.ts';
import { startServer } from './server-process.ts';
import { exchange, sessionFiles, sid, writerId, xid } from './sessions.ts';
import { connected, freshDatabase, postgres } from './store/fresh-database.ts';

const key = keyOf('ann', 'project');
const rows = Number(process.env.LOST_ROWS ?? 2400);
const cycles = Number(process.env.CRASH_CYCLES ?? 4);
/** Each request of git is a connection of its own, so that a balancer gives it to another server than the one before. */
const apart = ['http.extraHeader=Connection: close'];
const writers = (count: number) => Array.from({ length: count }, (_, at) => new Clone(String(at).repeat(16)));

let program: string;
beforeAll(async () => {
  program = await bundle(new URL('driver.ts', import.meta.url));
});

describe.runIf(postgres)('two servers behind one PostgreSQL', () => {
  let url: string;
  beforeEach(async () => {
    url = await freshDatabase();
  });
  const server = () => startServer(program, temporaryFolder(), url);

  it('R15: a reader that goes by numbers sees every row once, whoever writes at the same time', async () => {
    const stores = [
      await openPostgresIndexStore(connected(url)),
      await openPostgresIndexStore(connected(url)),
    ] as const;
    const reading = connected(url);
    onTestFinished(async () => {
      await Promise.all([...stores, reading].map((one) => one.close()));
    });
    const each = 5;
    const steps = Math.ceil(rows / 8 / (each + 1));
    const work = Array.from({ length: 8 }, async (_, who) => {
      const writer = writerId(String(who).repeat(16));
      for (let at = 0; at < steps; at++) {
        const to = { ingested: undefined, toward: { tip: oid(at), after: 'x' } };
        const from = at === 0 ? undefined : { ingested: undefined, toward: { tip: oid(at - 1), after: 'x' } };
        await stores[(who + at) % 2 ? 1 : 0].apply({ ...step(who, at, each), writer, from, to });
      }
    });
    let isOver = false;
    const done = Promise.all(work).finally(() => {
      isOver = true;
    });
    const seen: number[] = [];
    for (let cursor = 0, wasOver = false; !wasOver; ) {
      wasOver = isOver;
      const more = await reading.inProject(key, (session) =>
        session.rows(
          `SELECT number FROM index.exchanges WHERE project = $1 AND number > $2
            UNION ALL SELECT number FROM index.sessions WHERE project = $1 AND number > $2 ORDER BY 1`,
          [key, cursor],
        ),
      );
      seen.push(...more.map(({ number }) => Number(number)));
      cursor = seen.at(-1) ?? 0;
      await pause(1);
    }
    await done;
    expect(seen).toEqual(Array.from({ length: steps * 8 * (each + 1) }, (_, at) => at + 1));
  });

  it('B15 B16: eight writers push to both, and what one has taken the other has at once', async () => {
    const servers = [await server(), await server()] as const;
    const clones = writers(8);
    const pushes = clones.map(async (clone, who) => {
      let tip: string | undefined;
      for (let turn = 1; turn <= 4; turn++) {
        const [here, there] = (who + turn) % 2 ? servers : [servers[1], servers[0]];
        tip = clone.commit(sessionFiles(`of-${who}`, exchangesOf(clone, turn)), tip);
        const pushed = await clone.push(`${here.url}/project`, 'ann', [`${tip}:${clone.ref()}`]);
        expect(pushed).toMatchObject({ code: 0 });
        // A pulling client asks the other one.
        const puller = new Clone('f'.repeat(16));
        const fetched = await puller.run(['fetch', `${there.url}/project`, `${clone.ref()}:refs/heads/got`], 'ann');
        expect(fetched).toMatchObject({ code: 0 });
        expect(puller.git('rev-parse', 'refs/heads/got')).toBe(tip);
        // The same push once more, to the other one, changes nothing.
        const again = await clone.push(`${there.url}/project`, 'ann', [`${tip}:${clone.ref()}`]);
        expect(again).toMatchObject({ code: 0 });
      }
      return { clone, tip: tip ?? '' };
    });
    await checkState(url, await Promise.all(pushes));
    expect(servers.map((one) => one.errors())).toEqual(['', '']);
  });

  it('R3 R4: are killed and started again in turn while four clients push through a balancer', async () => {
    const all = [await server(), await server()];
    const front = await balancer(all.map((one) => Number(new URL(one.url).port)));
    onTestFinished(() => front.close());
    const address = `http://127.0.0.1:${front.port}/git/project`;
    let isOver = false;
    const pushes = writers(4).map(async (clone) => {
      let [tip, told, size] = ['', '', 0];
      while (!isOver || tip !== told || tip === '') {
        if (tip === told)
          tip = clone.commit(sessionFiles(`of-${clone.writer}`, exchangesOf(clone, ++size)), tip || undefined);
        const { code } = await clone.run(['push', address, `${tip}:${clone.ref()}`], 'ann', apart);
        if (code === 0) told = tip;
      }
      return { clone, tip };
    });
    for (let cycle = 0; cycle < cycles; cycle++) {
      await pause(200 + Math.random() * 1000);
      await all[cycle % 2]?.kill();
      await pause(Math.random() * 500);
      const again = await server();
      all[cycle % 2] = again;
      front.ports = all.map((one) => Number(new URL(one.url).port));
      await again.recovered;
    }
    isOver = true;
    const pushed = await Promise.all(pushes);
    // Whoever starts takes in what a killed one left.
    await (await server()).recovered;
    await checkState(url, pushed);
  }, 300_000);
});

const exchangesOf = (clone: Clone, count: number) =>
  Array.from({ length: count }, (_, at) => exchange(`${clone.writer}-${at}`));

/** Both the refs and the rows are what was pushed, no more and no less, for a server that knew nothing of it before. */
async function checkState(
  url: string,
  pushed: readonly { readonly clone: Clone; readonly tip: string }[],
): Promise<void> {
  const repositories: Repositories = await openShared(url, temporaryFolder());
  const database = connected(url);
  try {
    const repository = await repositories.open(key);
    checkRepository(repository.gitDir);
    const tips = (await writerTips(repository)).map(({ ref, oid }) => `${ref} ${oid}`);
    expect(tips).toEqual(pushed.map(({ clone, tip }) => `${clone.ref()} ${tip}`).sort());
    const packs = git(repository.gitDir, 'count-objects', '-v');
    expect(Number(/packs: (\d+)/.exec(packs)?.[1])).toBeLessThan(40);
    for (const { clone, tip } of pushed) {
      const files = clone.git('ls-tree', '-r', '--name-only', tip).split('\n');
      const found = await database.inProject(key, (session) =>
        session.rows('SELECT exchange, number FROM index.exchanges WHERE writer = $1', [clone.writer]),
      );
      expect(found).toHaveLength(files.filter((name) => name.includes('/exchanges/')).length);
      const [cursor] = await database.inProject(key, (session) =>
        session.rows('SELECT ingested, toward FROM index.cursors WHERE writer = $1', [clone.writer]),
      );
      expect(cursor).toEqual({ ingested: tip, toward: null });
    }
  } finally {
    await database.close();
    await repositories.close();
  }
}

function step(who: number, at: number, each: number) {
  const put = Array.from({ length: each }, (_, n) => ({
    ...{ exchange: xid(`${who}-${at}-${n}`), ordinal: n, oid: String(oid(n)), fingerprint: 'f' },
  }));
  const row = {
    session: sid(`s-${who}-${at}`),
    path: `sessions/aa/s-${who}-${at}`,
    head: 'h',
    agent: 'claude',
    name: '',
  };
  const session = { kind: 'stored' as const, row: { ...row, count: each }, put, drop: [] };
  return { project: key, sessions: [session], annotations: [], since: new Map(), at: '2026-01-02T03:04:05.678Z' };
}

function oid(number: number) {
  const text = number.toString(16).padStart(40, '0');
  if (!isObjectId(text)) throw new Error(text);
  return text;
}
