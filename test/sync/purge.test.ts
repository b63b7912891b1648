import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Clone, type Team, team } from '../hosts/team.ts';

const secret = (turn: number) => `the plan of midnight ${turn}`;
const text = /the plan of midnight/;

/** Everything that the server keeps of a project: every object, and the bytes of its databases. */
function kept(us: Team): string {
  const objects = us.hosted('cat-file', '--batch-all-objects', '--batch');
  const files = readdirSync(us.data).filter((name) => name.includes('sqlite'));
  return [objects, ...files.map((name) => readFileSync(join(us.data, name), 'latin1'))].join('\n');
}

/** Everything that the refs of a clone reach. */
function reached(clone: Clone): string {
  const refs = clone.git('for-each-ref', '--format=%(refname)', 'refs/specstory').split('\n').filter(Boolean);
  const ids = clone
    .git('rev-list', '--objects', '--no-object-names', ...refs)
    .split('\n')
    .filter(Boolean);
  return ids.map((id) => clone.git('cat-file', '-p', id)).join('\n');
}

const writerIn = (clone: Clone): string => readFileSync(join(clone.repository, '.git/specstory/writer'), 'utf8').trim();

function checkHosted(us: Team): void {
  expect(us.hosted('fsck', '--strict', '--full', '--no-dangling', '--no-progress')).toBe('');
  expect(us.hosted('fsck', '--unreachable', '--no-progress')).toBe('');
}

describe('purge, with a server', () => {
  it('B70: a session is gone from objects, refs and database, and everybody takes it for a purge', async () => {
    const us = await team();
    const [ann, bob] = [us.join('ann'), us.join('bob')];
    ann.plantSession('s1', 2, secret);
    ann.plantSession('s2', 2);
    ann.must('sync');
    ann.must('title', 's1', 'midnight title');
    ann.must('sync');
    bob.plantSession('of-bob', 1);
    bob.must('sync');
    expect(kept(us)).toMatch(text);
    const report = ann.json('purge', 's1', '--yes');
    expect(report).toMatchObject({ purged: ['s1'], remains: [], servers: [{ outcome: 'purged', remains: [] }] });
    expect(kept(us)).not.toMatch(/midnight/);
    checkHosted(us);
    expect(ann.json('sync', 'status', '--check')).toMatchObject({ remotes: [{ healthy: true }] });
    ann.plantSession('s3', 1);
    expect(ann.json('sync')).toMatchObject({ remotes: [{ push: { outcome: 'ok' }, counts: { stored: 1 } }] });
    const { err } = bob.run('sync');
    expect(err).toContain('purged');
    expect(err).not.toContain('taken back');
    expect(bob.run('doctor').out).not.toContain('rollback');
    for (const one of [ann, bob]) {
      expect(one.sessions()).toEqual(['first-of-ann', 'of-bob', 's2', 's3']);
      expect(reached(one)).not.toMatch(/midnight/);
    }
    bob.git('gc', '-q', '--prune=now');
    expect(bob.git('cat-file', '--batch-all-objects', '--batch')).not.toMatch(/midnight/);
    await us.restart();
    expect(bob.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ push: { outcome: 'nothing' } }] });
  });

  it('an owner purges what others pushed as well, and their clones follow under their own names', async () => {
    const us = await team();
    const [ann, bob] = [us.join('ann'), us.join('bob')];
    for (const one of [ann, bob]) {
      one.plantSession('s1', 2, secret);
      // Two people's exchanges name different folders: both are kept.
      one.run('sync');
    }
    bob.plantSession('of-bob', 1);
    bob.must('title', 's1', 'said by bob of midnight');
    bob.run('sync');
    bob.plantSession('unsent', 1);
    bob.must('capture');
    const writer = writerIn(bob);
    expect(ann.json('purge', 's1', '--yes')).toMatchObject({ servers: [{ outcome: 'purged' }] });
    expect(kept(us)).not.toMatch(/midnight/);
    checkHosted(us);
    const ran = bob.run('sync');
    expect(ran, ran.err).toMatchObject({ code: 0 });
    expect(writerIn(bob)).toBe(writer);
    expect(reached(bob)).not.toMatch(/midnight/);
    ann.must('sync');
    for (const one of [ann, bob]) expect(one.sessions()).toEqual(['first-of-ann', 'of-bob', 'unsent']);
    // Bob's agent still has the conversation.
    bob.plantSession('s1', 3, secret);
    bob.must('sync');
    expect(kept(us)).not.toMatch(/midnight/);
    expect(bob.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
  });

  it('who does not own the project purges what is theirs, and hears what they cannot reach', async () => {
    const us = await team();
    const [ann, bob] = [us.join('ann'), us.join('bob')];
    bob.plantSession('mine', 1, secret);
    ann.plantSession('both', 1);
    bob.plantSession('both', 1);
    ann.must('sync');
    bob.run('sync');
    expect(bob.json('purge', 'mine', '--yes')).toMatchObject({ servers: [{ outcome: 'purged' }] });
    expect(kept(us)).not.toMatch(text);
    const ran = bob.run('purge', 'both', '--yes');
    expect(ran).toMatchObject({ code: 3, err: expect.stringContaining('an owner can purge that') });
    checkHosted(us);
    for (const one of [bob, ann]) one.must('sync');
    expect(ann.sessions()).toEqual(['first-of-ann']);
    expect(ann.json('purge', 'both', '--yes')).toMatchObject({ servers: [{ outcome: 'purged' }] });
  });

  it('goes on when the server was away: here first, there with the same command later', async () => {
    const us = await team();
    const ann = us.join('ann');
    ann.plantSession('s1', 1, secret);
    ann.plantSession('s2', 1);
    ann.must('sync');
    await us.server.end();
    expect(ann.run('purge', 's1', '--yes')).toMatchObject({ code: 3, out: expect.stringContaining('run this again') });
    expect(reached(ann)).toMatch(text);
    expect(ann.git('rev-list', '--objects', 'refs/specstory/history', 'refs/specstory/raw')).not.toContain('/s1/');
    await us.restart();
    expect(ann.json('purge', 's1', '--yes')).toMatchObject({ servers: [{ outcome: 'purged' }] });
    expect(reached(ann)).not.toMatch(text);
    expect(kept(us)).not.toMatch(text);
    expect(ann.json('sync')).toMatchObject({ exit_code: 0, mended: null });
    expect(ann.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
    expect(existsSync(join(ann.repository, '.git/specstory/rollbacks'))).toBe(false);
  });

  it('goes with what copied it: a resumed session keeps the rest of itself', async () => {
    const us = await team();
    const [ann, bob] = [us.join('ann'), us.join('bob')];
    for (const id of ['s1', 's2']) ann.plantSession(id, 2, secret);
    ann.must('sync');
    bob.must('sync');
    expect(ann.json('purge', 's1', '--yes')).toMatchObject({ servers: [{ outcome: 'purged' }] });
    bob.must('sync');
    expect(bob.run('doctor').out).not.toContain('rollback');
    for (const one of [ann, bob]) expect(one.sessions()).toEqual(['first-of-ann', 's2']);
    ann.must('sync');
    expect(ann.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
  });
});
