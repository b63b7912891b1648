import { describe, expect, it } from 'vitest';
import { git } from '../../git/repositories.ts';
import { Clone, writerB } from '../clone.ts';
import { gitServer } from '../git-server.ts';
import { keyOf } from '../memory-access.ts';
import { packOf, pushBody, rawPush, zero } from '../raw-push.ts';
import { refsOf } from '../server-state.ts';

const session = { 'sessions/aa/s/session.md': 'one' };

describe('a push', () => {
  it('lands, is told so, and can be fetched (protocol 2 and 0)', async () => {
    const server = await gitServer();
    const url = `${server.url}/project`;
    const clone = new Clone();
    const first = clone.commit(session);
    const raw = clone.commit({ 'raw/aa/s/00000000/000000000000.jsonl': '{}\n' });
    const specs = [`${first}:${clone.ref()}`, `${raw}:${clone.ref('raw')}`];
    const pushed = await clone.push(url, 'ann', specs, ['--atomic']);
    expect(pushed).toMatchObject({ code: 0 });
    const second = clone.commit({ 'sessions/aa/s/session.md': 'two' }, first);
    expect(await clone.push(url, 'ann', [`${second}:${clone.ref()}`])).toMatchObject({ code: 0 });
    expect(refsOf(server)).toEqual([`${second} ${clone.ref()}`, `${raw} ${clone.ref('raw')}`]);
    for (const version of ['2', '0']) {
      const reader = new Clone(writerB);
      const spec = '+refs/specstory/writers/*:refs/specstory/remotes/origin/*';
      const fetched = await reader.run(['fetch', url, spec], 'ann', [`protocol.version=${version}`]);
      expect(fetched).toMatchObject({ code: 0 });
      expect(reader.git('rev-parse', `refs/specstory/remotes/origin/${clone.writer}/history`)).toBe(second);
    }
    expect(server.problems).toEqual([]);
  });

  it('that is large goes through the probe and a chunked body', async () => {
    const server = await gitServer();
    const clone = new Clone();
    const noise = Array.from({ length: 40_000 }, () => Math.random().toString(36)).join('\n');
    const tip = clone.commit({ ...session, 'sessions/aa/s/exchanges/000001-000000000000.md': noise });
    const pushed = await clone.run(['push', `${server.url}/project`, `${tip}:${clone.ref()}`], 'ann', [
      'http.postBuffer=65536',
    ]);
    expect(pushed).toMatchObject({ code: 0 });
    expect(refsOf(server)).toEqual([`${tip} ${clone.ref()}`]);
  });

  it('B15 R11: that comes again, or overlaps, is told the truth and moves nothing twice', async () => {
    const server = await gitServer();
    const url = `${server.url}/project`;
    const clone = new Clone();
    const first = clone.commit(session);
    const second = clone.commit({ 'sessions/aa/s/session.md': 'two' }, first);
    const one = pushBody([`${zero} ${first} ${clone.ref()}`], packOf(clone, [first]));
    const both = pushBody([`${zero} ${second} ${clone.ref()}`], packOf(clone, [second]));
    const next = pushBody([`${first} ${second} ${clone.ref()}`], packOf(clone, [second], [first]));
    const ok = { status: 200, report: ['unpack ok', `ok ${clone.ref()}`] };
    for (let turn = 0; turn < 3; turn++) expect(await rawPush(url, 'ann', one)).toMatchObject(ok);
    expect((await rawPush(url, 'ann', both)).report[1]).toMatch(/^ng .* the ref moved meanwhile/);
    for (let turn = 0; turn < 3; turn++) expect(await rawPush(url, 'ann', next)).toMatchObject(ok);
    expect((await rawPush(url, 'ann', one)).report[1]).toMatch(/^ng .* the ref moved meanwhile/);
    expect(refsOf(server)).toEqual([`${second} ${clone.ref()}`]);
  });

  it('of the same writer at once: one lands, the others hear that the ref moved', async () => {
    const server = await gitServer();
    const clone = new Clone();
    const tips = Array.from({ length: 6 }, (_, at) => clone.commit({ 'sessions/aa/s/session.md': `${at}` }));
    const bodies = tips.map((tip) => pushBody([`${zero} ${tip} ${clone.ref()}`], packOf(clone, [tip])));
    const answers = await Promise.all(bodies.map((body) => rawPush(`${server.url}/project`, 'ann', body)));
    const lines = answers.map(({ report }) => report[1] ?? '');
    expect(lines.filter((line) => line.startsWith('ok '))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('the ref moved meanwhile'))).toHaveLength(5);
    expect(refsOf(server)).toHaveLength(1);
  });

  it('of different writers at once: all land', async () => {
    const server = await gitServer();
    const clones = Array.from({ length: 8 }, (_, at) => new Clone(String(at).repeat(16)));
    const pushed = await Promise.all(
      clones.map(async (clone) => {
        let tip: string | undefined;
        for (let turn = 0; turn < 3; turn++) {
          tip = clone.commit({ 'sessions/aa/s/session.md': `${turn}` }, tip);
          const { code } = await clone.push(`${server.url}/project`, 'ann', [`${tip}:${clone.ref()}`]);
          if (code !== 0) return undefined;
        }
        return `${tip} ${clone.ref()}`;
      }),
    );
    expect(refsOf(server)).toEqual(pushed.sort((a, b) => (String(a).slice(41) < String(b).slice(41) ? -1 : 1)));
  });

  it('--atomic lands whole or not at all; without it each ref has its own answer', async () => {
    const server = await gitServer();
    const url = `${server.url}/project`;
    const clone = new Clone();
    const tip = clone.commit(session);
    const specs = [`${tip}:${clone.ref()}`, `${tip}:refs/heads/main`];
    const atomic = await clone.push(url, 'ann', specs, ['--atomic']);
    expect(atomic.code).not.toBe(0);
    expect(atomic.out).toMatch(/atomic push: refs\/heads\/main was refused/);
    expect(refsOf(server)).toEqual([]);
    const each = await clone.push(url, 'ann', specs);
    expect(each.code).not.toBe(0);
    expect(each.out).toMatch(/refs\/heads\/main.*only refs\/specstory\/writers|main \(only refs/);
    expect(refsOf(server)).toEqual([`${tip} ${clone.ref()}`]);
  });

  it('brings along what lies about unreachable, so that a gc cannot take it away', async () => {
    const server = await gitServer();
    const url = `${server.url}/project`;
    const clone = new Clone();
    const first = clone.commit(session);
    const second = clone.commit({ 'sessions/aa/s/session.md': 'two' }, first);
    await clone.push(url, 'ann', [`${first}:${clone.ref()}`]);
    const { gitDir } = await server.repositories.open(keyOf('ann', 'project'));
    const stray = clone.git('rev-parse', `${second}:sessions/aa/s/session.md`);
    git(gitDir, 'hash-object', '-w', '-t', 'blob', '--stdin', '--literally', '--path', 'x');
    clone.git('push', '--quiet', gitDir, `${stray}:refs/tags/stray`);
    git(gitDir, 'update-ref', '-d', 'refs/tags/stray');
    const pack = packOf(clone, [second], [first, stray]);
    const answer = await rawPush(url, 'ann', pushBody([`${first} ${second} ${clone.ref()}`], pack));
    expect(answer.report).toEqual(['unpack ok', `ok ${clone.ref()}`]);
    git(gitDir, 'gc', '--prune=now', '--quiet');
    expect(refsOf(server)).toEqual([`${second} ${clone.ref()}`]);
  });
});

describe('the wire', () => {
  it('answers without side-band, without a report, and with push options', async () => {
    const server = await gitServer();
    const url = `${server.url}/project`;
    const clone = new Clone();
    const tips = [clone.commit(session)];
    for (const text of ['two', 'three']) tips.push(clone.commit({ 'sessions/aa/s/session.md': text }, tips.at(-1)));
    const send = async (from: string, to: string, capabilities: string, more = '') => {
      const [head, pack] = [
        pushBody([`${from} ${to} ${clone.ref()}`], new Uint8Array(), capabilities),
        packOf(clone, [to]),
      ];
      const response = await fetch(`${url}/git-receive-pack`, {
        method: 'POST',
        body: Buffer.concat([head, Buffer.from(more), pack]),
        headers: { Authorization: 'Bearer ann', 'Content-Type': 'application/x-git-receive-pack-request' },
      });
      return response.text();
    };
    const [first = '', second = '', third = ''] = tips;
    expect(await send(zero, first, 'report-status')).toBe(`000eunpack ok\n0037ok ${clone.ref()}\n0000`);
    expect(await send(first, second, '')).toBe('');
    const options = await send(second, third, 'report-status push-options', '0008a=1\n0000');
    expect(options).toContain('unpack ok');
    expect(refsOf(server)).toEqual([`${third} ${clone.ref()}`]);
  });

  it('takes an empty pack when the objects are there', async () => {
    const server = await gitServer();
    const clone = new Clone();
    const tip = clone.commit(session);
    await clone.push(`${server.url}/project`, 'ann', [`${tip}:${clone.ref()}`]);
    const empty = packOf(clone, [], []);
    const answer = await rawPush(
      `${server.url}/project`,
      'ann',
      pushBody([`${zero} ${tip} ${clone.ref('raw')}`], empty),
    );
    expect(answer.report).toEqual(['unpack ok', expect.stringMatching(/^ng .*a history only grows/)]);
    expect(refsOf(server)).toEqual([`${tip} ${clone.ref()}`]);
  });
});
