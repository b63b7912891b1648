import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { highWaters } from '../test/hosts/high-waters.ts';
import type { Scenario } from './figure.ts';
import { SyncWorld } from './sync-world.ts';
import { claudeLines, uuid, writeLines } from './transcripts.ts';
import { measured, median, program, type World } from './world.ts';

async function plant(clone: World, from: number, count: number, size = 12_000): Promise<void> {
  for (let at = from; at < from + count; at++) {
    const shape = { cwd: clone.repository, session: uuid(at), size, calls: 2, result: 800, seed: at };
    await writeLines(join(clone.claude, `${uuid(at)}.jsonl`), claudeLines(shape));
  }
}

/** A thousand new sessions by the helper to the server, with what it makes of them. */
export const pushThousand: Scenario = async () => {
  const world = await SyncWorld.start('thousand');
  try {
    const clone = world.clone('thousand-clone');
    await plant(clone, 0, 1000);
    clone.specstory('capture');
    const { wall, code } = await measured(clone, ['sync', '--send-only']);
    const stored = JSON.parse(clone.specstory('sync', 'status', '--json')).remotes[0];
    if (code !== 0 || stored.open.length > 0) throw new Error(`sync ended with ${code}`);
    const exchanges = rows(world.data, 'SELECT count(*) AS n FROM exchanges');
    const note = `${exchanges} exchanges, taken into the index before the push returned`;
    return [{ what: 'push of 1,000 new sessions', value: wall / 1000, unit: 's', reach: 10, note }];
  } finally {
    world.remove();
  }
};

/** Eight clones that capture and send at once. */
export const eightWriters: Scenario = async () => {
  const world = await SyncWorld.start('writers');
  try {
    const clones = Array.from({ length: 8 }, (_, at) => world.clone(`writer-${at}`));
    const start = performance.now();
    const codes = await Promise.all(
      clones.map(async (clone, at) => {
        const ended: (number | null)[] = [];
        for (let turn = 0; turn < 10; turn++) {
          await plant(clone, at * 100 + turn, 1);
          ended.push((await measured(clone, ['sync'])).code);
        }
        return ended;
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    const failed = codes.flat().filter((code) => code !== 0).length;
    const files = world.histories().flatMap((tip) =>
      execFileSync('git', ['-C', world.repository, 'ls-tree', '-r', '--name-only', tip], { encoding: 'utf8' })
        .split('\n')
        .filter((name) => name.endsWith('/session.md')),
    );
    const note = `${files.length} of 80 there, ${rows(world.data, 'SELECT count(*) AS n FROM sessions')} in the index, ${seconds.toFixed(1)} s`;
    return [
      {
        what: '8 writers × 10 captures, each sent at once: sessions lost',
        value: 80 - files.length,
        unit: '',
        reach: 0,
        note,
      },
      { what: 'the same: syncs that failed', value: failed, unit: '', reach: 0 },
    ];
  } finally {
    world.remove();
  }
};

/** A sync, and a status, with nothing to do in a history of a million exchanges. */
export const syncIdle: Scenario = async () => {
  const world = await SyncWorld.start('idle');
  try {
    const clone = world.clone('idle-clone');
    await plant(clone, 0, 1);
    clone.specstory('sync');
    await fillWithExchanges(clone, 10_000, 100);
    const files = clone.git('ls-tree', '-r', '--name-only', 'refs/specstory/history').split('\n');
    if (files.length < 1_000_000) throw new Error(`only ${files.length} files`);
    // The server gets the objects on the short way: its own figures are others.
    const ref = /refs\/specstory\/writers\/\w+\/history/.exec(
      clone.git('config', '--get-all', 'remote.specstory.push'),
    );
    clone.git('push', '-q', world.repository, `refs/specstory/history:${ref?.[0]}`);
    clone.git('fetch', '-q', world.repository, '+refs/specstory/writers/*:refs/specstory/remotes/specstory/*');
    const times = { sync: [] as number[], status: [] as number[] };
    for (let run = -2; run < 11; run++) {
      const sync = await measured(clone, ['sync']);
      const status = await measured(clone, ['sync', 'status']);
      if (sync.code !== 0) throw new Error(`sync ended with ${sync.code}`);
      if (run < 0) continue;
      times.sync.push(sync.wall);
      times.status.push(status.wall);
    }
    const note = 'median of 11';
    return [
      { what: 'sync, nothing to do, 1,000,000 exchanges', value: median(times.sync), unit: 'ms', reach: 500, note },
      { what: 'sync status, the same', value: median(times.status), unit: 'ms', reach: 500, note },
    ];
  } finally {
    world.remove();
  }
};

/** Adds a commit with sessions to the history of a clone. */
async function fillWithExchanges(clone: World, sessions: number, each: number): Promise<void> {
  const git = spawn('git', ['fast-import', '--quiet', '--done'], {
    cwd: clone.repository,
    env: clone.env,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ref = 'refs/specstory/history';
  const tip = clone.git('rev-parse', ref).trim();
  const write = async (text: string) => void (git.stdin.write(text) || (await once(git.stdin, 'drain')));
  await write(`commit ${ref}\ncommitter bench <bench@example.org> 1767323045 +0000\ndata 1\nx\nfrom ${tip}\n`);
  for (let session = 0; session < sessions; session++) {
    const folder = `sessions/${(session % 256).toString(16).padStart(2, '0')}/bench-${session}`;
    let text = '';
    for (let at = 1; at <= each; at++) {
      const content = `${session} ${at}`;
      const name = `${String(at).padStart(6, '0')}-${(session * each + at).toString(16).padStart(12, '0')}.md`;
      text += `M 100644 inline ${folder}/exchanges/${name}\ndata ${content.length}\n${content}\n`;
    }
    await write(text);
  }
  git.stdin.end('done\n');
  const [code] = await once(git, 'exit');
  if (code !== 0) throw new Error(`fast-import ended with ${code}`);
}

/** Memory of the server, and of what it starts, while it takes in a gigabyte. */
export const receiveMemory: Scenario = async () => {
  const world = await SyncWorld.start('receive');
  try {
    const clone = world.clone('receive-clone');
    // What does not compress: as many bytes on the wire as in the files.
    for (let part = 0; part < 16; part++) grow(clone, 64);
    let [own, children] = [0, 0];
    const timer = setInterval(() => {
      const now = highWaters(world.server.pid);
      [own, children] = [Math.max(own, now.own), Math.max(children, now.children)];
    }, 50);
    const { wall, code } = await measured(clone, ['sync', '--send-only']);
    clearInterval(timer);
    const isThere = world.histories().includes(clone.git('rev-parse', 'refs/specstory/history').trim());
    const note = `${(1024 / (wall / 1000)).toFixed(0)} MiB/s, exit ${code}, ${isThere ? 'stored' : 'NOT stored'}`;
    return [
      { what: 'server taking in 1 GiB: its memory', value: own, unit: 'MiB', reach: 300, note },
      { what: 'the same: the largest git it starts', value: children, unit: 'MiB', reach: 300 },
    ];
  } finally {
    world.remove();
  }
};

/** What gathered in a month without a network: a gigabyte of transcripts in 5,000 sessions, sent by one sync. */
export const backlog: Scenario = async () => {
  const world = await SyncWorld.start('backlog');
  try {
    const clone = world.clone('backlog-clone');
    const sessions = 5000;
    await plant(clone, 0, sessions, 200_000);
    clone.specstory('capture');
    const start = performance.now();
    const sync = spawn(process.execPath, [program, 'sync', '--send-only'], {
      cwd: clone.repository,
      env: clone.env,
      stdio: 'ignore',
    });
    let [own, children, server] = [0, 0, 0];
    const timer = setInterval(() => {
      const now = highWaters(sync.pid);
      [own, children] = [Math.max(own, now.own), Math.max(children, now.children)];
      server = Math.max(server, highWaters(world.server.pid).own);
    }, 50);
    const [code] = await once(sync, 'exit');
    clearInterval(timer);
    const seconds = (performance.now() - start) / 1000;
    const note = `${rows(world.data, 'SELECT count(*) AS n FROM sessions')} in the index, ${seconds.toFixed(0)} s, exit ${code}`;
    return [
      { what: 'sync of 5,000 sessions / 1 GB: its memory', value: own, unit: 'MiB', reach: 300, note },
      { what: 'the same: the largest git or helper it starts', value: children, unit: 'MiB', reach: 300 },
      { what: 'the same: the server', value: server, unit: 'MiB', reach: 300 },
    ];
  } finally {
    world.remove();
  }
};

/** A commit with files of a mebibyte each. */
function grow(clone: World, count: number): void {
  const ref = 'refs/specstory/history';
  const has = clone.git('for-each-ref', '--format=%(objectname)', ref).trim();
  const marker = clone.git('config', '--get-all', 'remote.specstory.push').match(/writers\/(\w+)\//)?.[1];
  const head = [
    `commit ${ref}`,
    'committer bench <bench@example.org> 1767323045 +0000',
    'data 1',
    'x',
    ...(has ? [`from ${has}`] : []),
  ].join('\n');
  const stream = [Buffer.from(`${head}\n`), file('specstory.json', Buffer.from(`{"format":1,"writer":"${marker}"}\n`))];
  for (let at = 0; at < count; at++) {
    const id = randomBytes(6).toString('hex');
    stream.push(file(`sessions/aa/large-${id}/exchanges/000001-${id}.md`, randomBytes(1 << 20)));
  }
  const input = Buffer.concat([...stream, Buffer.from('done\n')]);
  execFileSync('git', ['fast-import', '--quiet', '--done'], { cwd: clone.repository, env: clone.env, input });
}

function file(path: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`M 100644 inline ${path}\ndata ${content.length}\n`), content, Buffer.from('\n')]);
}

function rows(data: string, sql: string): number {
  const Connect = createRequire(import.meta.url)('libsql');
  const database = new Connect(join(data, 'index.sqlite'));
  const { n } = database.prepare(sql).get();
  database.close();
  return n;
}
