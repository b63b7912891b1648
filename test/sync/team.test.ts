import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imageOf, project, team } from '../hosts/team.ts';

describe('two people and a server', () => {
  it('see each other’s sessions, by sync and by plain git', async () => {
    const us = await team();
    const [ann, bob] = [us.join('ann'), us.join('bob')];
    bob.plantSession('of-bob', 2);
    expect(bob.json('sync')).toMatchObject({
      exit_code: 0,
      remotes: [{ counts: { stored: 1 }, fetch: { sessions: 1 } }],
    });
    Object.assign(ann.env, {
      PATH: `${join(process.cwd(), 'hooks/bin')}:${ann.env.PATH}`,
      SPECSTORY_NODE: process.execPath,
    });
    ann.git('fetch', '-q', 'specstory');
    ann.plantSession('of-ann', 1);
    ann.must('capture');
    ann.git('push', '-q', 'specstory');
    bob.must('sync');
    for (const one of [ann, bob]) expect(one.sessions()).toEqual(['first-of-ann', 'of-ann', 'of-bob']);
    expect(ann.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
  });

  it('a reader gets what others send, and is told why nothing of theirs goes out', async () => {
    const us = await team();
    const [ann, eve] = [us.join('ann'), us.join('eve', 'reader')];
    eve.plantSession('of-eve', 1);
    const ran = eve.run('sync');
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('a reader of this project may not push') });
    expect(ran.out).toContain('fetched 1 session of others');
    expect(eve.sessions()).toEqual(['first-of-ann', 'of-eve']);
    ann.must('sync');
    expect(ann.sessions()).toEqual(['first-of-ann']);
  });

  it('keep everything when a token is revoked, and are told the command to sign in again', async () => {
    const us = await team();
    const ann = us.join('ann');
    const [{ id }] = JSON.parse(us.cloud('token', 'list', '--json'));
    us.cloud('token', 'revoke', id);
    ann.plantSession('later', 1);
    const ran = ann.run('sync');
    expect(ran).toMatchObject({ code: 4, err: expect.stringContaining(`specstory login --server ${us.server.url}\n`) });
    ann.login(us.server.url, us.token('ann', 'capture:write', 'sessions:read'));
    expect(ann.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 1 } }] });
  });

  it('an exchange that somebody else deleted goes from the only tree that has it, once its source is read again', async () => {
    const us = await team();
    const [ann, bob] = [us.join('ann'), us.join('bob')];
    for (const id of ['of-bob', 'stays']) bob.plantSession(id, 1);
    bob.must('sync');
    ann.must('sync');
    ann.must('delete', 'of-bob', '-e', '1', '--yes');
    ann.must('sync');
    bob.must('sync');
    const tree = () => bob.git('ls-tree', '-r', '--name-only', 'refs/specstory/history');
    expect(tree()).toContain('/of-bob/');
    bob.plantSession('of-bob', 1);
    bob.must('capture');
    expect(tree()).not.toContain('/of-bob/');
    expect(tree()).toContain('/stays/');
    const tip = bob.tip('refs/specstory/history');
    bob.plantSession('of-bob', 1);
    bob.must('capture');
    expect(bob.tip('refs/specstory/history')).toBe(tip);
    expect(bob.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ push: { outcome: 'ok' } }] });
    for (const one of [ann, bob]) expect(one.sessions()).toEqual(['first-of-ann', 'stays']);
  });

  it('a removed remote is no rollback', async () => {
    const us = await team();
    const ann = us.join('ann');
    us.join('bob').must('sync');
    ann.must('sync');
    ann.must('remote', 'remove', 'specstory');
    ann.plantSession('later', 1);
    ann.must('capture');
    expect(ann.run('doctor').out).not.toContain('rollback');
    ann.must('remote', 'add', us.server.url, '--project', project);
    expect(ann.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 1 } }] });
  });

  it('a copied clone finds out by what it fetches, and goes on in the same sync under a name of its own', async () => {
    const us = await team();
    const ann = us.join('ann');
    const copy = imageOf(ann);
    const old = readFileSync(join(ann.repository, '.git/specstory/writer'), 'utf8').trim();
    ann.plantSession('here', 1);
    ann.must('sync');
    copy.plantSession('there', 1);
    const ran = copy.run('sync');
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('this repository is a copy of another clone') });
    expect(copy.git('config', '--get-all', 'remote.specstory.push')).not.toContain(old);
    ann.must('sync');
    for (const one of [ann, copy]) expect(one.sessions()).toEqual(['first-of-ann', 'here', 'there']);
    expect(copy.json('sync')).toMatchObject({ remotes: [{ push: { outcome: 'nothing' } }] });
  });

  it('B37: what a remote took back is kept by the sync that fetched it', async () => {
    const us = await team();
    const [ann, bob] = [us.join('ann'), us.join('bob')];
    ann.plantSession('more', 1);
    ann.must('sync');
    bob.must('sync');
    const ref = us.hosted('for-each-ref', '--format=%(refname)', 'refs/specstory/writers/*/history').trim();
    us.hosted('update-ref', ref, `${ref}~1`);
    expect(bob.run('sync').err).toContain('a history was rewritten');
    expect(bob.sessions()).toEqual(['first-of-ann', 'more']);
    expect(bob.run('doctor').out).toContain('rollback');
  });
});
