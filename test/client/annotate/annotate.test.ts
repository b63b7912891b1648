import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { annotate } from '../../../src/client/annotate/annotate.ts';
import { setHidden, setTags, setTitle } from '../../../src/client/annotate/label.ts';
import { capture } from '../../../src/client/capture/capture.ts';
import { listSessions, readSession } from '../../../src/client/history/query.ts';
import { sessionId } from '../../../src/core/ids.ts';
import { fetchFrom, opened, plantSession, writerWith } from '../../hosts/writers.ts';

describe('labels', () => {
  it('S-63: stay when the session grows and when everything is captured again', async () => {
    const world = await writerWith(['s1', 2]);
    const context = await opened(world);
    await setTitle(context, { session: 's1' }, 'The login');
    await setTitle(context, { session: 's1', exchanges: ['2'] }, 'Where it broke');
    await setTags(context, { session: 's1' }, { add: ['b', 'a'], remove: [] });
    plantSession(world, 's1', 3);
    expect((await capture(await opened(world))).captured).toHaveLength(1);
    world.git('config', 'x.y', 'z');
    const { listed, shown } = await readSession(await opened(world), sessionId('s1'));
    expect(listed).toMatchObject({ name: 'The login', title: 'The login', tags: ['a', 'b'], count: 3, hidden: false });
    expect(shown.map(({ title }) => title)).toEqual([undefined, 'Where it broke', undefined]);
  });

  it('are one commit each, in order, and none when nothing changes', async () => {
    const context = await opened(await writerWith(['s1', 2]));
    const first = await setTags(context, { session: 's1' }, { add: ['a', 'b'], remove: ['c'] });
    expect(first.map(({ lamport, n }) => [lamport, n])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(await setTags(context, { session: 's1' }, { add: ['a'], remove: ['c'] })).toEqual([]);
    const [second] = await setTitle(context, { session: 's1' }, 'x');
    expect(second?.lamport).toBe(2);
    await setTitle(context, { session: 's1' }, undefined);
    expect((await listSessions(context))[0]?.name).toBe('Do step 1');
  });

  it('are everybody’s, whoever captured the session, and the last word counts', async () => {
    const [a, b] = [await writerWith(['s1', 2]), await writerWith(['s2', 1])];
    await setTitle(await opened(a), { session: 's1' }, 'by a');
    await fetchFrom(a, b);
    const [said] = await setTitle(await opened(b), { session: 's1' }, 'by b');
    expect(said?.lamport).toBe(2);
    await fetchFrom(b, a);
    for (const world of [a, b]) expect((await listSessions(await opened(world)))[0]?.name).toBe('by b');
    await setHidden(await opened(a), { session: 's1' }, true);
    expect((await listSessions(await opened(a)))[0]).toMatchObject({ hidden: true, name: 'by b' });
  });

  it('name a session after the first prompt that is shown', async () => {
    const context = await opened(await writerWith(['s1', 2]));
    const name = async () => (await listSessions(context))[0]?.name;
    await setHidden(context, { session: 's1', exchanges: ['1'] }, true);
    expect(await name()).toBe('Do step 2');
    await setHidden(context, { session: 's1', exchanges: ['2'] }, true);
    expect(await name()).toMatch(/^claude session/);
    await setHidden(context, { session: 's1', exchanges: ['1'] }, false);
    expect(await name()).toBe('Do step 1');
  });

  it('are redacted, and made one line', async () => {
    const world = await writerWith(['s1', 1]);
    const secret = ['gh', 'p_', 'Zx9Yw8Vu7Ts6Rq5Po4Nm', '3Lk2Ji1Hg0Fe9Dc8B'].join('');
    await setTitle(await opened(world), { session: 's1' }, `a\n\u001b[31m ${secret}`);
    await setTags(await opened(world), { session: 's1' }, { add: [secret], remove: [] });
    const objects = world.git('cat-file', '--batch-all-objects', '--batch');
    expect(objects).not.toContain(secret);
    const [session] = await listSessions(await opened(world));
    expect(session?.name).toMatch(/^a \[REDACTED:/);
    expect(session?.tags[0]).toMatch(/^\[REDACTED:/);
    await expect(setTitle(await opened(world), { session: 's1' }, ' \u001b[0m')).rejects.toMatchObject({
      kind: 'usage',
    });
  });
});

describe('the clock', () => {
  it('B30: is not moved by clocks that cannot be, and says which statements it passed over', async () => {
    const [a, b] = [await writerWith(['s1', 1]), await writerWith(['s1', 1])];
    const writer = await fetchFrom(b, a);
    const bad = ['9007199254740992', '9223372036854775808', '-1', '1.5', '"7"'];
    const files = bad.map((clock, n) => ({
      path: `annotations/e8/${clock.replaceAll('"', '')}-${writer}-${n}.json`,
      text: `{"format":1,"lamport":${clock},"writer":"${writer}","n":${n},"at":"2026-01-02T03:04:05.678Z","session":"s1","statement":{"kind":"title","value":"bad"}}`,
    }));
    commitOn(a, `refs/specstory/remotes/origin/${writer}/history`, files);
    const problems: string[] = [];
    const [session] = await listSessions(await opened(a), (path, why) => problems.push(`${path} ${why}`));
    expect(session?.name).toBe('Do step 1');
    expect(problems.filter((text) => text.includes('annotations/'))).toHaveLength(bad.length);
    expect((await setTitle(await opened(a), { session: 's1' }, 'good'))[0]?.lamport).toBe(1);
  });

  it('passes over a statement from too far ahead, and keeps its own time', async () => {
    const [a, b] = [await writerWith(['s1', 1]), await writerWith(['s1', 1])];
    const writer = await fetchFrom(b, a);
    const lamport = 2 ** 20 + 1;
    const path = `annotations/e8/${lamport}-${writer}-0.json`;
    const text = `{"format":1,"lamport":${lamport},"writer":"${writer}","n":0,"at":"2026-01-02T03:04:05.678Z","session":"s1","statement":{"kind":"title","value":"far"}}`;
    commitOn(a, `refs/specstory/remotes/origin/${writer}/history`, [{ path, text }]);
    const problems: string[] = [];
    const [session] = await listSessions(await opened(a), (_, why) => problems.push(why));
    expect(session?.name).toBe('Do step 1');
    expect(problems.join()).toContain('bad_clock');
    expect((await setTitle(await opened(a), { session: 's1' }, 'near'))[0]?.lamport).toBe(1);
  });

  it('B31: is kept in the refs and nowhere else', async () => {
    const world = await writerWith(['s1', 1]);
    await setTitle(await opened(world), { session: 's1' }, 'one');
    writeFileSync(join(world.repository, '.git/specstory/tombstones'), '\0 not JSON');
    writeFileSync(join(world.repository, '.git/specstory/state/tip'), 'garbage');
    expect((await setTitle(await opened(world), { session: 's1' }, 'two'))[0]?.lamport).toBe(2);
  });

  it('ticks under the lock: statements at the same moment take different times', async () => {
    const world = await writerWith(['s1', 1]);
    const titles = ['a', 'b', 'c', 'd'];
    const said = await Promise.all(
      titles.map(async (title) => setTitle(await opened(world), { session: 's1' }, title)),
    );
    expect(
      said
        .flat()
        .map(({ lamport }) => lamport)
        .sort(),
    ).toEqual([1, 2, 3, 4]);
  });

  it('writes nothing when the plan fails', async () => {
    const world = await writerWith(['s1', 1]);
    const tip = world.git('for-each-ref', 'refs/specstory');
    const plan = () => Promise.reject(new Error('no'));
    await expect(annotate(await opened(world), plan)).rejects.toThrow('no');
    expect(world.git('for-each-ref', 'refs/specstory')).toBe(tip);
  });
});

/** Adds files to the tree of a ref, as somebody else may have. */
function commitOn(
  world: Awaited<ReturnType<typeof writerWith>>,
  ref: string,
  files: readonly { path: string; text: string }[],
): void {
  world.git('read-tree', ref);
  for (const { path, text } of files) {
    const file = world.plant('blob', text);
    const id = world.git('hash-object', '-w', file).trim();
    world.git('update-index', '--add', '--cacheinfo', `100644,${id},${path}`);
  }
  const commit = world.git('commit-tree', world.git('write-tree').trim(), '-p', ref, '-m', 'more').trim();
  world.git('update-ref', ref, commit);
  world.git('read-tree', '--empty');
}
