import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setTitle } from '../../../src/client/annotate/label.ts';
import { capture } from '../../../src/client/capture/capture.ts';
import { writerOf } from '../../../src/client/capture/writer.ts';
import { markClone, placementOf } from '../../../src/client/history/clone-mark.ts';
import { divergences } from '../../../src/client/history/divergence.ts';
import { mendCopy } from '../../../src/client/history/mend-copy.ts';
import { listSessions, readSession } from '../../../src/client/history/query.ts';
import { sessionId } from '../../../src/core/ids.ts';
import { tips } from '../../../src/git/read.ts';
import { type Scratch, scratch } from '../../hosts/scratch.ts';
import { opened, plantSession, writerWith } from '../../hosts/writers.ts';

const history = 'refs/specstory/history';

/** The same clone seen from a copy of its folder, by the same person on the same machine. */
function copied(world: Scratch, name: string): Scratch {
  const repository = `${world.repository}-${name}`;
  cpSync(world.repository, repository, { recursive: true });
  return at(world, repository);
}

function at(world: Scratch, repository: string): Scratch {
  const project = repository.replace(/[^A-Za-z0-9]/g, '-');
  return {
    ...world,
    repository,
    git: (...args) => world.git('-C', repository, ...args),
    plantClaude: (session, text) => world.plant(`.claude/projects/${project}/${session}.jsonl`, text),
  };
}

/** Pushes the history to a bare repository that stands for a server, and fetches what is there. */
function sync(world: Scratch, writer: string, remote: string): void {
  world.git('push', '-q', remote, `${history}:refs/specstory/writers/${writer}/history`);
  world.git('fetch', '-q', remote, '+refs/specstory/writers/*:refs/specstory/remotes/origin/*');
}

function bare(world: Scratch): string {
  const path = join(world.home, 'server.git');
  world.git('init', '-q', '--bare', path);
  return path;
}

async function ids(world: Scratch): Promise<string[]> {
  return (await listSessions(await opened(world))).map(({ meta }) => meta.id).sort();
}

async function placement(world: Scratch) {
  const context = await opened(world);
  return placementOf(context, await writerOf(context));
}

describe('a copied repository', () => {
  it('is noticed and becomes a writer of its own, which loses nothing and forces nothing', async () => {
    const first = await writerWith(['s1', 2]);
    const server = bare(first);
    const writer = await writerOf(await opened(first));
    sync(first, writer, server);
    plantSession(first, 's2', 1);
    await capture(await opened(first));
    const second = copied(first, 'copy');
    plantSession(second, 's3', 1);
    const report = await capture(await opened(second));
    expect(report.mended?.old).toBe(writer);
    const now = await writerOf(await opened(second));
    expect(now).not.toBe(writer);
    expect(report.captured.map(({ session }) => session)).toEqual(['s3']);
    expect(await ids(second)).toEqual(['s1', 's2', 's3']);
    plantSession(first, 's4', 1);
    expect((await capture(await opened(first))).mended).toBeUndefined();
    sync(first, writer, server);
    sync(second, now, server);
    sync(first, writer, server);
    for (const world of [first, second]) {
      expect(await ids(world)).toEqual(['s1', 's2', 's3', 's4']);
      const { listed } = await readSession(await opened(world), sessionId('s2'));
      expect(listed.forked).toBe(false);
      expect(world.git('fsck', '--strict')).not.toContain('error');
    }
    expect((await capture(await opened(second))).mended).toBeUndefined();
  });

  it('puts only what no remote has had under the new name', async () => {
    const first = await writerWith(['s1', 2]);
    const server = bare(first);
    const writer = await writerOf(await opened(first));
    sync(first, writer, server);
    const second = copied(first, 'copy');
    plantSession(second, 's2', 1);
    await capture(await opened(second));
    const paths = second.git('ls-tree', '-r', '--name-only', history);
    expect(paths).toContain('/s2/');
    expect(paths).not.toContain('/s1/');
    expect(second.git('show', `${history}:specstory.json`)).toContain(await writerOf(await opened(second)));
    plantSession(second, 's1', 3);
    await capture(await opened(second));
    const { session, listed } = await readSession(await opened(second), sessionId('s1'));
    expect(session.exchanges).toHaveLength(3);
    expect(listed).toMatchObject({ count: 3, forked: false, name: 'Do step 1' });
  });

  it('keeps what was said and not pushed, under the new name', async () => {
    const first = await writerWith(['s1', 1]);
    const server = bare(first);
    const writer = await writerOf(await opened(first));
    sync(first, writer, server);
    await setTitle(await opened(first), { session: 's1' }, 'said before the copy');
    const second = copied(first, 'copy');
    const context = await opened(second);
    await mendCopy(context);
    const now = await writerOf(context);
    sync(second, now, server);
    second.git(
      'update-ref',
      '-d',
      second.git('for-each-ref', '--format=%(refname)', 'refs/specstory/kept/*/*/history').trim(),
    );
    const problems: string[] = [];
    const [session] = await listSessions(await opened(second), (path) => problems.push(path));
    expect(problems).toEqual([]);
    expect(session?.name).toBe('said before the copy');
  });

  it('is seen for certain when both have pushed, and mended', async () => {
    const first = await writerWith(['s1', 1]);
    const server = bare(first);
    const writer = await writerOf(await opened(first));
    sync(first, writer, server);
    const second = copied(first, 'image');
    // As a disk image is copied: nothing in it tells it from the first one.
    await markClone(await opened(second), writer);
    plantSession(first, 's2', 1);
    plantSession(second, 's3', 1);
    for (const world of [first, second]) await capture(await opened(world));
    sync(first, writer, server);
    expect(() => second.git('push', '-q', server, `${history}:refs/specstory/writers/${writer}/history`)).toThrow();
    second.git('fetch', '-q', server, '+refs/specstory/writers/*:refs/specstory/remotes/origin/*');
    const context = await opened(second);
    const found = await divergences(context, await tips(context.repository), writer);
    expect(found.map(({ remote }) => remote)).toEqual(['origin']);
    expect(await ids(second)).toEqual(['s1', 's2', 's3']);
    expect((await capture(context)).mended?.old).toBe(writer);
    const now = await writerOf(context);
    expect(await divergences(context, await tips(context.repository), now)).toEqual([]);
    sync(second, now, server);
    expect(await ids(second)).toEqual(['s1', 's2', 's3']);
    expect((await capture(await opened(second))).captured).toEqual([]);
  });

  it('is mended when nothing was captured or pushed yet', async () => {
    const first = scratch();
    await capture(await opened(first));
    const second = copied(first, 'copy');
    expect((await capture(await opened(second))).mended).toBeDefined();
    expect(await writerOf(await opened(second))).not.toBe(await writerOf(await opened(first)));
  });

  it('goes on where a mending was cut off', async () => {
    const first = await writerWith(['s1', 1]);
    const second = copied(first, 'copy');
    const old = await writerOf(await opened(second));
    await mendCopy(await opened(second));
    const now = await writerOf(await opened(second));
    writeFileSync(join(second.repository, '.git/specstory/writer'), `${old}\n`);
    expect(await mendCopy(await opened(second))).toMatchObject({ old, now });
    expect(await writerOf(await opened(second))).toBe(now);
    expect(await ids(second)).toEqual(['s1']);
  });
});

describe('a repository that is no copy', () => {
  it('is the same after it was moved, renamed, restored from a backup, and when the home folder is new', async () => {
    const world = await writerWith(['s1', 1]);
    expect(await placement(world)).toBe('same');
    const moved = at(world, `${world.repository}-moved`);
    renameSync(world.repository, moved.repository);
    expect(await placement(moved)).toBe('same');
    await capture(await opened(moved));
    const backup = `${moved.repository}-backup`;
    cpSync(moved.repository, backup, { recursive: true });
    rmSync(moved.repository, { recursive: true });
    cpSync(backup, moved.repository, { recursive: true });
    rmSync(backup, { recursive: true });
    // The number of a folder that is gone may be given again.
    expect(await placement(moved)).not.toBe('copied');
    expect((await capture(await opened(moved))).mended).toBeUndefined();
    expect(await placement(moved)).toBe('same');
    rmSync(join(world.home, '.local'), { recursive: true });
    expect(await placement(moved)).toBe('same');
  });
});
