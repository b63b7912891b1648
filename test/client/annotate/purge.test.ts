import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteFromHistory } from '../../../src/client/annotate/delete.ts';
import { setTitle } from '../../../src/client/annotate/label.ts';
import { purgeLocally } from '../../../src/client/annotate/purge.ts';
import { capture } from '../../../src/client/capture/capture.ts';
import { writerOf } from '../../../src/client/capture/writer.ts';
import { divergences } from '../../../src/client/history/divergence.ts';
import { listSessions } from '../../../src/client/history/query.ts';
import { sessionId } from '../../../src/core/ids.ts';
import { tips } from '../../../src/git/read.ts';
import { claudeTranscript, type Scratch } from '../../hosts/scratch.ts';
import { fetchFrom, opened, plantSession, writerWith } from '../../hosts/writers.ts';

const history = 'refs/specstory/history';
const raw = 'refs/specstory/raw';

/** Everything that our refs reach, commits and their messages too. */
function reachable(world: Scratch): string {
  const ids = world.git('rev-list', '--objects', '--no-object-names', history, raw).split('\n').filter(Boolean);
  return ids.map((id) => world.git('cat-file', '-p', id)).join('\n');
}

/** The files of both trees that do not belong to a session, by path. */
function others(world: Scratch, session: string): string[] {
  return [history, raw]
    .flatMap((ref) => world.git('ls-tree', '-r', ref).split('\n'))
    .filter((line) => line !== '' && !line.includes(`/${session}/`) && !line.includes('annotations/'));
}

describe('purge', () => {
  it('takes a session out of every commit, pushed or not, and nothing else', async () => {
    const say = (turn: number) => `secret plan ${turn}`;
    const world = await writerWith(['s1', 2, say], ['s2', 2]);
    await setTitle(await opened(world), { session: 's1' }, 'secret title');
    await setTitle(await opened(world), { session: 's2' }, 'kept title');
    plantSession(world, 's1', 3, say);
    plantSession(world, 's2', 3);
    await capture(await opened(world));
    const writer = await writerOf(await opened(world));
    world.git('update-ref', `refs/specstory/remotes/origin/${writer}/history`, history);
    const before = others(world, 's1');
    expect(reachable(world)).toContain('secret plan');
    const report = await purgeLocally(await opened(world), [sessionId('s1')]);
    expect(report).toEqual({
      purged: ['s1'],
      rewritten: [raw, history],
      remains: [`origin/${writer}/history`],
      remotes: ['origin'],
    });
    expect(reachable(world)).not.toContain('secret');
    expect(others(world, 's1')).toEqual(before);
    expect((await listSessions(await opened(world))).map(({ name }) => name)).toEqual(['kept title']);
    expect(world.git('fsck', '--strict')).not.toContain('error');
  });

  it('leaves nothing of it in the repository after gc, when nothing was pushed', async () => {
    const world = await writerWith(['s1', 2, (turn) => `secret plan ${turn}`], ['s2', 1]);
    world.git('config', 'core.logAllRefUpdates', 'always');
    plantSession(world, 's2', 2);
    await capture(await opened(world));
    await purgeLocally(await opened(world), [sessionId('s1')]);
    world.git('gc', '-q', '--prune=now');
    expect(world.git('cat-file', '--batch-all-objects', '--batch')).not.toContain('secret');
    expect(await listSessions(await opened(world))).toHaveLength(1);
  });

  it('keeps it away: the next capture writes nothing of it, and goes on with the rest', async () => {
    const world = await writerWith(['s1', 2, () => 'secret'], ['s2', 1]);
    await purgeLocally(await opened(world), [sessionId('s1')]);
    plantSession(world, 's1', 3, () => 'secret');
    plantSession(world, 's2', 2);
    expect((await capture(await opened(world))).captured.map(({ session }) => session)).toEqual(['s2']);
    expect(reachable(world)).not.toContain('secret');
  });

  it('takes copies in forks with it, and what their tables of contents said of them', async () => {
    const world = await writerWith(['s1', 2, (turn) => `secret plan ${turn}`]);
    const fork = claudeTranscript(world.repository, 's1', 3, (turn) => (turn < 3 ? `secret plan ${turn}` : 'open end'));
    world.plantClaude('fork', fork.join('').replaceAll('"sessionId":"s1"', '"sessionId":"fork"'));
    await capture(await opened(world));
    await purgeLocally(await opened(world), [sessionId('s1')]);
    expect(reachable(world)).not.toContain('secret plan');
    expect(await listSessions(await opened(world))).toMatchObject([
      { meta: { id: 'fork' }, name: 'open end', count: 1 },
    ]);
  });

  it('purges what was deleted before, and is no sign of a copied repository', async () => {
    const world = await writerWith(['s1', 2, () => 'secret'], ['s2', 1]);
    const context = await opened(world);
    const writer = await writerOf(context);
    world.git('update-ref', `refs/specstory/remotes/origin/${writer}/history`, history);
    await deleteFromHistory(context, { session: 's1' });
    expect(reachable(world)).toContain('secret');
    await purgeLocally(context, [sessionId('s1')]);
    expect(reachable(world)).not.toContain('secret');
    expect(await divergences(context, await tips(context.repository), writer)).toEqual([]);
  });

  it('says what other writers have', async () => {
    const [world, other] = [await writerWith(['s2', 1]), await writerWith(['s1', 1])];
    const writer = await fetchFrom(other, world, 'team');
    const report = await purgeLocally(await opened(world), [sessionId('s1')]);
    expect(report.remains).toEqual([`team/${writer}/history`, `team/${writer}/raw`]);
    expect(report.remotes).toEqual(['team']);
    expect(await listSessions(await opened(world))).toHaveLength(1);
  });

  it('loses nothing else, whatever was captured in whatever order', { timeout: 120_000 }, async () => {
    const step = fc.record({ session: fc.constantFrom('s1', 's2', 's3'), turns: fc.integer({ min: 1, max: 4 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
        const world = await writerWith(['s1', 1], ['s2', 1]);
        for (const { session, turns } of steps) {
          plantSession(world, session, turns);
          await capture(await opened(world));
        }
        const before = others(world, 's1');
        await purgeLocally(await opened(world), [sessionId('s1')]);
        expect(others(world, 's1')).toEqual(before);
        expect(reachable(world)).not.toContain('toolu_s1');
      }),
      { numRuns: 6 },
    );
  });
});
