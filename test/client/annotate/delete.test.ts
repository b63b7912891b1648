import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deleteFromHistory, planDeletion } from '../../../src/client/annotate/delete.ts';
import { setTitle } from '../../../src/client/annotate/label.ts';
import { capture } from '../../../src/client/capture/capture.ts';
import { listSessions, readSession } from '../../../src/client/history/query.ts';
import { sessionId } from '../../../src/core/ids.ts';
import { promptOf } from '../../../src/core/session.ts';
import { claudeTranscript, type Scratch } from '../../hosts/scratch.ts';
import { fetchFrom, opened, plantSession, writerWith } from '../../hosts/writers.ts';

async function captureAgain(world: Scratch): Promise<void> {
  rmSync(join(world.repository, '.git/specstory/state'), { recursive: true, force: true });
  expect((await capture(await opened(world))).failed).toEqual([]);
}

async function ids(world: Scratch): Promise<string[]> {
  return (await listSessions(await opened(world))).map(({ meta }) => meta.id);
}

async function prompts(world: Scratch, id = 's1'): Promise<string[]> {
  const { session } = await readSession(await opened(world), sessionId(id));
  return session.exchanges.map(({ messages }) => promptOf(messages));
}

/** Everything in the trees of our refs at their tips. */
function tipText(world: Scratch): string {
  const files = ['history', 'raw'].flatMap((kind) =>
    world
      .git('ls-tree', '-r', `refs/specstory/${kind}`)
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(/\s/)[2] ?? ''),
  );
  return files.map((id) => world.git('cat-file', 'blob', id)).join('\n');
}

describe('deleting', () => {
  it('S-62: takes a session away for ever, whatever is captured or pushed again', async () => {
    const world = await writerWith(['s1', 2], ['s2', 1]);
    const copy = await writerWith(['s1', 2]);
    const done = await deleteFromHistory(await opened(world), { session: 's1' });
    expect(done).toMatchObject({ sessions: ['s1'], exchanges: 2, copiesIn: [], writers: [] });
    expect(await ids(world)).toEqual(['s2']);
    await captureAgain(world);
    plantSession(world, 's1', 3);
    expect((await capture(await opened(world))).captured).toEqual([]);
    await fetchFrom(copy, world);
    expect(await ids(world)).toEqual(['s2']);
    expect(tipText(world)).not.toContain('Do step 2');
  });

  it('takes one exchange away, from the table of contents and the original records too', async () => {
    const world = await writerWith(['s1', 3]);
    await deleteFromHistory(await opened(world), { session: 's1', exchanges: ['1'] });
    expect(await prompts(world)).toEqual(['Do step 2', 'Do step 3']);
    expect((await listSessions(await opened(world)))[0]).toMatchObject({
      name: 'Do step 2',
      slug: 'do-step-2',
      count: 2,
    });
    expect(tipText(world)).not.toContain('Do step 1');
    await captureAgain(world);
    plantSession(world, 's1', 4);
    await capture(await opened(world));
    expect(await prompts(world)).toEqual(['Do step 2', 'Do step 3', 'Do step 4']);
    expect(tipText(world)).not.toContain('Do step 1');
    expect(world.git('ls-tree', '-r', '--name-only', 'refs/specstory/raw')).not.toContain('s1');
  });

  it('names what is left by what is left, also where others have it all', async () => {
    const [world, other] = [await writerWith(['s1', 3]), await writerWith(['s1', 3])];
    await fetchFrom(other, world);
    await deleteFromHistory(await opened(world), { session: 's1', exchanges: ['1'] });
    expect((await listSessions(await opened(world)))[0]).toMatchObject({
      name: 'Do step 2',
      slug: 'do-step-2',
      count: 2,
    });
  });

  it('keeps an exchange away that was open when it was deleted and grew', async () => {
    const world = await writerWith();
    const lines = claudeTranscript(world.repository, 's1', 2);
    world.plantClaude('s1', lines.slice(0, 7).join(''));
    await capture(await opened(world));
    expect(await prompts(world)).toHaveLength(2);
    await deleteFromHistory(await opened(world), { session: 's1', exchanges: ['2'] });
    world.plantClaude('s1', lines.join(''));
    await capture(await opened(world));
    expect(await prompts(world)).toEqual(['Do step 1']);
    expect(tipText(world)).not.toContain('Do step 2');
  });

  it('takes copies in other sessions away, known ones and those that come later', async () => {
    const world = await writerWith(['s1', 2]);
    const fork = (id: string) =>
      world.plantClaude(
        id,
        claudeTranscript(world.repository, 's1', 3).join('').replaceAll('"sessionId":"s1"', `"sessionId":"${id}"`),
      );
    fork('fork');
    await capture(await opened(world));
    const plan = await planDeletion(await opened(world), { session: 's1', exchanges: ['2'] });
    expect(plan).toMatchObject({ sessions: [], exchanges: 1, copiesIn: ['fork'] });
    await deleteFromHistory(await opened(world), { session: 's1', exchanges: ['2'] });
    fork('later');
    await capture(await opened(world));
    for (const id of ['fork', 'later']) expect(await prompts(world, id)).toEqual(['Do step 1', 'Do step 3']);
    expect(await prompts(world)).toEqual(['Do step 1']);
    expect(tipText(world)).not.toContain('Do step 2');
  });

  it('works from a clone that did not capture it, and names whose refs keep the text', async () => {
    const [world, other] = [await writerWith(['s2', 1]), await writerWith(['s1', 2])];
    const writer = await fetchFrom(other, world);
    const done = await deleteFromHistory(await opened(world), { session: 's1' });
    expect(done.writers).toEqual([writer]);
    expect(await ids(world)).toEqual(['s2']);
    await fetchFrom(world, other);
    expect(await ids(other)).toEqual(['s2']);
    plantSession(other, 's1', 3);
    expect((await capture(await opened(other))).captured).toEqual([]);
  });

  it('stays when what it is remembered by is lost, and is not undone by a later statement', async () => {
    const world = await writerWith(['s1', 1], ['s2', 1]);
    await deleteFromHistory(await opened(world), { session: 's1' });
    await setTitle(await opened(world), { session: 's2' }, 'later');
    const cache = join(world.repository, '.git/specstory/tombstones');
    await captureAgain(world);
    expect(existsSync(cache)).toBe(true);
    rmSync(cache);
    await captureAgain(world);
    expect(await ids(world)).toEqual(['s2']);
  });
});
