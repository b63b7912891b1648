import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { purgeLocally } from '../../../src/client/annotate/purge.ts';
import { capture } from '../../../src/client/capture/capture.ts';
import { writerOf } from '../../../src/client/capture/writer.ts';
import { withHistory } from '../../../src/client/history/open-history.ts';
import { listSessions, readSession } from '../../../src/client/history/query.ts';
import { knownRollbacks } from '../../../src/client/history/rollbacks.ts';
import { showSession } from '../../../src/client/history/show.ts';
import { isWriterId, sessionId } from '../../../src/core/ids.ts';
import { promptOf } from '../../../src/core/session.ts';
import { withGit } from '../../git/repositories.ts';
import { claudeTranscript, type Scratch } from '../../hosts/scratch.ts';
import { fetchFrom, opened, plantSession, writerWith } from '../../hosts/writers.ts';

async function view(world: Scratch): Promise<string> {
  return withHistory(await opened(world), async (history) => {
    const sessions: object[] = [];
    for (const listed of history.sessions) {
      const { copies: _, ...head } = listed;
      sessions.push({ ...head, exchanges: await history.exchanges(listed) });
    }
    return JSON.stringify(sessions);
  });
}

async function prompts(world: Scratch, id = 's1'): Promise<string[]> {
  const { session } = await readSession(await opened(world), sessionId(id));
  return session.exchanges.map(({ messages }) => promptOf(messages));
}

describe('everyone’s sessions', () => {
  it('R6, B32: shows one session that two clones captured, each exchange once', async () => {
    const [a, b] = [await writerWith(['s1', 2], ['s2', 1]), await writerWith(['s1', 3], ['s3', 1])];
    const writer = await fetchFrom(b, a);
    const sessions = await listSessions(await opened(a));
    expect(sessions.map(({ meta, count, forked }) => [meta.id, count, forked])).toEqual([
      ['s1', 3, false],
      ['s2', 1, false],
      ['s3', 1, false],
    ]);
    expect(sessions[0]?.writers).toEqual([writer, await writerOf(await opened(a))].sort());
    expect(sessions[2]?.copies[0]?.tip).toMatchObject({ writer, author: 'A Developer <developer@example.org>' });
    expect(await prompts(a)).toEqual(['Do step 1', 'Do step 2', 'Do step 3']);
  });

  it('B07: keeps both contents of an exchange that contradict each other', async () => {
    const [a, b] = [
      await writerWith(['s1', 2]),
      await writerWith(['s1', 2, (turn) => (turn === 2 ? 'Other' : 'Do step 1')]),
    ];
    const writer = await fetchFrom(b, a);
    const before = a.git('for-each-ref', 'refs/specstory');
    expect((await listSessions(await opened(a)))[0]).toMatchObject({ forked: true, count: 2 });
    expect((await prompts(a)).sort()).toEqual(['Do step 1', 'Do step 2', 'Other']);
    const { text, notes } = await showSession(await opened(a), 's1', { form: 'markdown' });
    expect(text).toContain('Other');
    expect(text).toContain('Do step 2');
    expect(notes.join()).toContain('exchange 2 was told in 2 ways');
    const theirs = await showSession(await opened(a), 's1', { form: 'markdown', exchange: '2', writer });
    expect(theirs.text).toContain('Other');
    expect(theirs.text).not.toContain('Do step 2');
    expect(a.git('for-each-ref', 'refs/specstory')).toBe(before);
  });

  it('R13, R6: is the same in every clone, whatever came in which order, and twice', { timeout: 120_000 }, async () => {
    const makers = [
      await writerWith(['s1', 2], ['s2', 1]),
      await writerWith(['s1', 3]),
      await writerWith(['s1', 2, (turn) => `other ${turn}`]),
      await writerWith(['s3', 1]),
    ];
    const readers: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 0, 1], { minLength: 6 }), async (order) => {
        const reader = await writerWith();
        for (const index of order) await fetchFrom(makers[index] ?? reader, reader, index % 2 ? 'origin' : 'other');
        readers.push(await view(reader));
      }),
      { numRuns: 8 },
    );
    expect(new Set(readers).size).toBe(1);
  });

  it('R6, I4: has one name everywhere, that of the exchange that is shown first, when two agents had the same id', async () => {
    const [a, b, c] = [
      await writerWith(['s1', 1, () => 'mine']),
      await writerWith(['s1', 1, () => 'yours']),
      await writerWith(),
    ];
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, c],
      [b, c],
    ] as const)
      await fetchFrom(from, to);
    const views = [await view(a), await view(b), await view(c)];
    expect(new Set(views).size).toBe(1);
  });

  it('lists exchanges in the order in which it shows them', async () => {
    const [a, b] = [await writerWith(['s1', 4]), await writerWith(['s1', 1])];
    // Each went on alone with an exchange of its own, one after the other by the clock.
    const lines = claudeTranscript(b.repository, 's1', 4).map((line) =>
      line.replaceAll('s1-', 'b1-').replace('T09:', 'T08:'),
    );
    b.plantClaude('s1', lines.join(''));
    await capture(await opened(b));
    await fetchFrom(b, a);
    const listedIds = await withHistory(await opened(a), async ({ sessions, exchanges }) => {
      const [session] = sessions;
      if (!session) throw new Error('no session');
      const shown = (await exchanges(session)).map(({ id }) => id);
      return [session.exchanges.map(({ id }) => id), shown];
    });
    expect(listedIds[0]).toEqual(listedIds[1]);
  });

  it('takes a remote’s copy of our own history for our own, behind or not', async () => {
    const a = await writerWith(['s1', 2]);
    const writer = await writerOf(await opened(a));
    a.git('update-ref', `refs/specstory/remotes/origin/${writer}/history`, 'refs/specstory/history');
    plantSession(a, 's1', 3);
    await capture(await opened(a));
    const [session] = await listSessions(await opened(a));
    expect(session).toMatchObject({ count: 3, writers: [writer] });
    expect(session?.copies).toHaveLength(1);
  });

  it('starts as many git processes for fifty sessions of five writers as for one', async () => {
    const counted = async (world: Scratch): Promise<number> => {
      const log = join(world.home, 'count');
      writeFileSync(log, '');
      const path = process.env.PATH;
      const context = await opened(world);
      process.env.PATH = `${withGit(`echo x >> '${log}'`)}:${path}`;
      try {
        await listSessions(context);
      } finally {
        process.env.PATH = path;
      }
      return readFileSync(log, 'utf8').split('\n').length - 1;
    };
    const one = await writerWith(['s1', 1]);
    const many = await writerWith(['s1', 1]);
    for (let index = 0; index < 4; index++) {
      const ids = Array.from({ length: 12 }, (_, number) => [`w${index}-${number}`, 1] as const);
      await fetchFrom(await writerWith(['s1', 1], ...ids), many);
    }
    expect(await listSessions(await opened(many))).toHaveLength(49);
    expect(await counted(many)).toBe(await counted(one));
  }, 120_000);
});

describe('trees of others', () => {
  const evil = 'eeeeeeeeeeeeeeee';
  const ref = `refs/specstory/remotes/origin/${evil}/history`;

  it('B53: are read as far as we would have written them', async () => {
    const [a, b] = [await writerWith(['s1', 1]), await writerWith(['s2', 1], ['S2', 1])];
    await fetchFrom(b, a);
    const writer = await writerOf(await opened(b));
    const blob = a.git('hash-object', '-w', a.plant('blob', 'x')).trim();
    const entry = (mode: string, name: string, id: string) =>
      `${mode} ${name}\0${Buffer.from(id, 'hex').toString('latin1')}`;
    const commit = a.git('rev-parse', 'refs/specstory/history').trim();
    const inner = [
      entry('120000', 'link', blob),
      entry('160000', 'module', commit),
      entry('100755', 'program', blob),
      entry('100644', '..', blob),
      entry('100644', '.git', blob),
      entry('100644', '\u001b[31mred', blob),
      entry('100644', 'session.md', blob),
    ].sort();
    const write = (entries: readonly string[]): string => {
      const file = a.plant('tree', '');
      writeFileSync(file, Buffer.from(entries.join(''), 'latin1'));
      return a.git('hash-object', '-t', 'tree', '-w', '--literally', file).trim();
    };
    const sessions = write([entry('40000', 'e8', write([entry('40000', 's1', write(inner))]))]);
    const theirs = a.git('rev-parse', `refs/specstory/remotes/origin/${writer}/history:sessions`).trim();
    for (const [name, tree] of Object.entries({ sessions, theirs })) {
      const root = write([
        entry('40000', 'annotations', write([entry('100644', 'x', blob)])),
        entry('40000', 'sessions', tree),
      ]);
      a.git(
        'update-ref',
        `refs/specstory/remotes/${name}/${evil}/history`,
        a.git('commit-tree', root, '-m', 'x').trim(),
      );
    }
    const problems: string[] = [];
    const found = await listSessions(await opened(a), (path, why) => problems.push(`${path}: ${why}`));
    expect(found.map(({ meta }) => meta.id)).toEqual(['S2', 's1', 's2']);
    for (const name of ['link', 'module', 'program', '..', '.git', 'red', 'session file', 'annotations/x']) {
      expect(problems.join('\n'), name).toContain(name);
    }
  });

  it('B53: are bounded: a tree that names itself a million times, a file of many megabytes, and refs to what is no commit', async () => {
    const a = await writerWith(['s1', 1]);
    const write = (entries: readonly string[]): string => {
      const file = a.plant('tree', '');
      writeFileSync(file, Buffer.from(entries.join(''), 'latin1'));
      return a.git('hash-object', '-t', 'tree', '-w', '--literally', file).trim();
    };
    const entry = (mode: string, name: string, id: string) =>
      `${mode} ${name}\0${Buffer.from(id, 'hex').toString('latin1')}`;
    const huge = a.git('hash-object', '-w', a.plant('huge', 'x'.repeat(40 << 20))).trim();
    const session = write([entry('100644', 'session.md', huge)]);
    const wide = write(Array.from({ length: 5000 }, (_, index) => entry('40000', `s${index}`, session)).sort());
    const shards = Array.from({ length: 256 }, (_, index) => entry('40000', index.toString(16).padStart(2, '0'), wide));
    const root = write([entry('40000', 'sessions', write(shards))]);
    a.git('update-ref', ref, a.git('commit-tree', root, '-m', 'x').trim());
    a.git('update-ref', `refs/specstory/remotes/blob/${evil}/history`, huge);
    const problems: string[] = [];
    const before = process.memoryUsage().rss;
    const found = await listSessions(await opened(a), (path, why) => problems.push(`${path}: ${why}`));
    expect(found.map(({ meta }) => meta.id)).toEqual(['s1']);
    expect(problems.length).toBeLessThan(300);
    expect(problems.join('\n')).toContain('is no commit');
    expect(problems.join('\n')).toContain('the same folder twice');
    expect(process.memoryUsage().rss - before).toBeLessThan(512 << 20);
  });

  it('B53: show no text that controls a terminal, wherever it stands', async () => {
    const [a, b] = [await writerWith(['s1', 1]), await writerWith()];
    b.git('config', 'user.name', 'Eve \u001b[31m');
    plantSession(b, 's2', 1);
    await capture(await opened(b));
    await fetchFrom(b, a);
    const session = (await listSessions(await opened(a))).find(({ meta }) => meta.id === 's2');
    expect(session?.copies[0]?.tip.author).not.toMatch(/[\u0000-\u001f]/);
  });

  it('are refused in a newer format, and the rest is shown', async () => {
    const [a, b] = [await writerWith(['s1', 1]), await writerWith(['s2', 1])];
    const writer = await fetchFrom(b, a);
    if (!isWriterId(writer)) throw new Error(writer);
    const theirs = `refs/specstory/remotes/origin/${writer}/history`;
    a.git('read-tree', theirs);
    const blob = a.git('hash-object', '-w', a.plant('marker', '{"format":2}')).trim();
    a.git('update-index', '--add', '--cacheinfo', `100644,${blob},specstory.json`);
    a.git('update-ref', theirs, a.git('commit-tree', a.git('write-tree').trim(), '-p', theirs, '-m', 'x').trim());
    a.git('read-tree', '--empty');
    const problems: string[] = [];
    const found = await listSessions(await opened(a), (_, why) => problems.push(why));
    expect(found.map(({ meta }) => meta.id)).toEqual(['s1']);
    expect(problems.join()).toContain('format 2');
  });
});

describe('a remote that was set back', () => {
  it('B37: is reported, and what it had is kept and shown, also after gc', async () => {
    const [a, b] = [await writerWith(['s1', 1]), await writerWith(['s2', 1])];
    await fetchFrom(b, a);
    await capture(await opened(a));
    plantSession(b, 's3', 1);
    await capture(await opened(b));
    const writer = await fetchFrom(b, a);
    await capture(await opened(a));
    expect(knownRollbacks(await opened(a))).toEqual([]);
    b.git('update-ref', 'refs/specstory/history', 'refs/specstory/history~1');
    await fetchFrom(b, a);
    await capture(await opened(a));
    a.git('gc', '-q', '--prune=now');
    const [rollback, ...more] = knownRollbacks(await opened(a));
    expect(rollback?.ref).toBe(`refs/specstory/remotes/origin/${writer}/history`);
    expect(more).toEqual([]);
    expect((await listSessions(await opened(a))).map(({ meta }) => meta.id)).toEqual(['s1', 's2', 's3']);
    a.git('update-ref', '-d', rollback?.ref ?? '');
    await capture(await opened(a));
    a.git('gc', '-q', '--prune=now');
    expect(await listSessions(await opened(a))).toHaveLength(3);
  });

  it('is not told of when all that is gone was purged', async () => {
    const [a, b] = [await writerWith(['s1', 1]), await writerWith(['s2', 1, () => 'secret'], ['s3', 1])];
    await fetchFrom(b, a);
    await capture(await opened(a));
    await purgeLocally(await opened(b), [sessionId('s2')]);
    await fetchFrom(b, a);
    await capture(await opened(a));
    expect(knownRollbacks(await opened(a))).toEqual([]);
    a.git('gc', '-q', '--prune=now');
    expect(a.git('cat-file', '--batch-all-objects', '--batch')).not.toContain('secret');
    expect((await listSessions(await opened(a))).map(({ meta }) => meta.id)).toEqual(['s1', 's3']);
  });
});
