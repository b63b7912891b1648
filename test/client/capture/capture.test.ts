import { appendFileSync, chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capture } from '../../../src/client/capture/capture.ts';
import { writerOf } from '../../../src/client/capture/writer.ts';
import { openContext } from '../../../src/client/context.ts';
import { listSessions, readSession } from '../../../src/client/history/query.ts';
import { claudeTranscript, type Scratch, scratch } from '../../hosts/scratch.ts';

async function open(world: Scratch, cwd = world.repository) {
  const context = await openContext({ cwd, env: world.env });
  await writerOf(context);
  return context;
}

async function captureAll(world: Scratch) {
  return capture(await open(world));
}

/** Everything in the tree of a ref, by path, without what differs between clones. */
function tree(world: Scratch, ref = 'refs/specstory/history'): string[] {
  return world
    .git('ls-tree', '-r', ref)
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith('specstory.json'));
}

describe('capture', () => {
  it('puts conversations into the history and changes nothing else', async () => {
    const world = scratch();
    writeFileSync(join(world.repository, 'file'), 'content\n');
    world.git('add', 'file');
    world.git('commit', '-qm', 'Begin');
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 2).join(''));
    const before = world.git('for-each-ref', 'refs/heads');
    const report = await captureAll(world);
    expect(report.captured.map(({ session, added }) => [session, added])).toEqual([['s1', 2]]);
    expect(report.failed).toEqual([]);
    expect(world.git('status', '--porcelain')).toBe('');
    expect(world.git('for-each-ref', 'refs/heads')).toBe(before);
    expect(world.git('log', '--format=%s', 'refs/specstory/history')).toContain('claude: Do step 1');
    expect(world.git('fsck', '--strict')).not.toContain('error');
  });

  it('reads back what it wrote', async () => {
    const world = scratch();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 3).join(''));
    await captureAll(world);
    const context = await open(world);
    const [listed] = await listSessions(context);
    expect(listed).toMatchObject({ name: 'Do step 1', slug: 'do-step-1', count: 3 });
    if (!listed) throw new Error('nothing listed');
    const { session } = await readSession(context, listed.meta.id);
    expect(session.exchanges).toHaveLength(3);
    expect(session.exchanges[1]?.messages[0]?.parts).toEqual([{ kind: 'text', text: 'Do step 2' }]);
  });

  it('does nothing the second time', async () => {
    const world = scratch();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 2).join(''));
    await captureAll(world);
    const tip = world.git('for-each-ref', 'refs/specstory');
    const report = await captureAll(world);
    expect(report).toMatchObject({ captured: [], unchanged: 1, failed: [] });
    expect(world.git('for-each-ref', 'refs/specstory')).toBe(tip);
  });

  it('does nothing when its memory is lost', async () => {
    const world = scratch();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 2).join(''));
    await captureAll(world);
    const [history, raw] = [tree(world), tree(world, 'refs/specstory/raw')];
    rmSync(join(world.repository, '.git/specstory/state'), { recursive: true });
    const report = await captureAll(world);
    expect(report.captured).toEqual([]);
    expect([tree(world), tree(world, 'refs/specstory/raw')]).toEqual([history, raw]);
  });

  it('starts over when the history was taken away', async () => {
    const world = scratch();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 2).join(''));
    await captureAll(world);
    const before = tree(world);
    world.git('update-ref', '-d', 'refs/specstory/history');
    await captureAll(world);
    expect(tree(world)).toEqual(before);
  });

  it('keeps what the store has forgotten', async () => {
    const world = scratch();
    const lines = claudeTranscript(world.repository, 's1', 4);
    const path = world.plantClaude('s1', lines.join(''));
    await captureAll(world);
    writeFileSync(path, lines.slice(10).join(''));
    await captureAll(world);
    const context = await open(world);
    expect((await listSessions(context))[0]?.count).toBe(4);
  });

  it('writes only what is new', async () => {
    const world = scratch();
    const lines = claudeTranscript(world.repository, 's1', 3);
    const path = world.plantClaude('s1', lines.slice(0, 10).join(''));
    await captureAll(world);
    appendFileSync(path, lines.slice(10).join(''));
    await captureAll(world);
    const changed = world.git('diff', '--name-status', 'refs/specstory/history~1', 'refs/specstory/history');
    expect(
      changed
        .trim()
        .split('\n')
        .map((line) => line.replace(/sessions\/..\/s1\//, '').replace(/-[0-9a-f]{12}/, '')),
    ).toEqual(['A\texchanges/000003.md', 'M\tsession.md']);
  });

  it('keeps the original records byte for byte', async () => {
    const world = scratch();
    const text = claudeTranscript(world.repository, 's1', 3).join('');
    const path = world.plantClaude('s1', text.slice(0, 700));
    await captureAll(world);
    appendFileSync(path, text.slice(700));
    await captureAll(world);
    const names = world
      .git('ls-tree', '-r', '--name-only', 'refs/specstory/raw')
      .trim()
      .split('\n')
      .filter((name) => name.startsWith('raw/'));
    const whole = names.map((name) => world.git('cat-file', 'blob', `refs/specstory/raw:${name}`)).join('');
    expect(whole).toBe(text);
  });

  it('B25, R7: gives the same at any byte cut, then whole, as whole at once', { timeout: 120_000 }, async () => {
    const whole = scratch();
    const lines = claudeTranscript('/some/where', 's1', 3);
    const transcript = (world: Scratch) => lines.join('').replaceAll('/some/where', world.repository);
    whole.plantClaude('s1', transcript(whole));
    await captureAll(whole);
    const expected = tree(whole).map((line) => line.replace(/^\S+ \S+ \S+\s/, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }),
        async (cuts) => {
          const world = scratch();
          const bytes = Buffer.from(transcript(world));
          for (const cut of [...cuts].sort((a, b) => a - b)) {
            world.plantClaude('s1', '');
            writeFileSync(world.plantClaude('s1', ''), bytes.subarray(0, Math.floor(cut * bytes.length)));
            await captureAll(world);
          }
          writeFileSync(world.plantClaude('s1', ''), bytes);
          await captureAll(world);
          expect(tree(world).map((line) => line.replace(/^\S+ \S+ \S+\s/, ''))).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('redacts before anything is written, in every object', async () => {
    const world = scratch();
    const secret = ['gh', 'p_', 'Zx9Yw8Vu7Ts6Rq5Po4Nm', '3Lk2Ji1Hg0Fe9Dc8B'].join('');
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 2, () => `deploy with ${secret}`).join(''));
    await captureAll(world);
    const objects = world.git('cat-file', '--batch-all-objects', '--batch');
    expect(objects).not.toContain(secret);
    expect(objects).toContain('[REDACTED:');
  });

  it('shares one history between worktrees', async () => {
    const world = scratch();
    world.git('commit', '-qm', 'Begin', '--allow-empty');
    const linked = `${world.repository}-linked`;
    world.git('worktree', 'add', '-q', linked);
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    world.plant(
      `.claude/projects/${linked.replace(/[^A-Za-z0-9]/g, '-')}/s2.jsonl`,
      claudeTranscript(linked, 's2', 1).join(''),
    );
    await capture(await open(world, linked));
    expect((await listSessions(await open(world))).map(({ meta }) => meta.id)).toEqual(['s1', 's2']);
  });

  it('reports what it cannot read and captures the rest', async () => {
    const world = scratch();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    const bad = world.plant('.cursor/chats/0123/not-a-database/store.db', 'SQLite format 3\0 and no more');
    chmodSync(bad, 0o600);
    const report = await captureAll(world);
    expect(report.captured.map(({ session }) => session)).toEqual(['s1']);
  });

  it('refuses a history of a newer format and leaves it alone', async () => {
    const world = scratch();
    const blob = world.git('hash-object', '-w', '--stdin', '--path', 'x').trim();
    expect(blob).not.toBe('');
    writeFileSync(join(world.home, 'newer.json'), '{"format":2,"writer":"0123456789abcdef"}');
    const id = world.git('hash-object', '-w', join(world.home, 'newer.json')).trim();
    world.git('read-tree', '--empty');
    world.git('update-index', '--add', '--cacheinfo', `100644,${id},specstory.json`);
    const treeId = world.git('write-tree').trim();
    const commit = world.git('commit-tree', treeId, '-m', 'newer').trim();
    world.git('update-ref', 'refs/specstory/history', commit);
    world.git('read-tree', '--empty');
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    await expect(captureAll(world)).rejects.toMatchObject({ kind: 'unsupported' });
    expect(world.git('rev-parse', 'refs/specstory/history').trim()).toBe(commit);
  });

  it('captures only what was asked for, and the rest later', async () => {
    const world = scratch();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    world.plantClaude('s2', claudeTranscript(world.repository, 's2', 1).join(''));
    const first = await capture(await open(world), { sessions: ['s2'] });
    expect(first.captured.map(({ session }) => session)).toEqual(['s2']);
    const second = await captureAll(world);
    expect(second.captured.map(({ session }) => session)).toEqual(['s1']);
  });
});
