import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from './server.ts';
import { bearer, history, pushWorld, type Ran, type World } from './world.ts';

const tracking = '+refs/specstory/writers/*:refs/specstory/remotes/team/*';

async function filled(options: Parameters<typeof pushWorld>[0] = {}): Promise<World & { tip: string }> {
  const world = await pushWorld({ authorization: bearer, ...options });
  const tip = world.grow();
  const ran = await world.push();
  expect(ran.code, ran.err).toBe(0);
  return Object.assign(world, { tip });
}

describe('everything but a push', () => {
  it.each(['2', '1', '0'])('lists, fetches and clones with protocol %s', async (version) => {
    const world = await filled();
    const git = (...args: string[]) => world.git('-c', `protocol.version=${version}`, ...args);
    expect((await git('ls-remote', 'team', 'refs/specstory/*')).out).toBe(`${world.tip}\t${history}\n`);
    const fetched = await git('fetch', 'team', tracking);
    expect(fetched.code, fetched.err).toBe(0);
    const name = history.replace('refs/specstory/writers/', 'refs/specstory/remotes/team/');
    expect((await git('rev-parse', name)).out.trim()).toBe(world.tip);
    const folder = join(world.repository, '..', 'clone');
    const url = `specstory://127.0.0.1:${world.server.port}/project`;
    const cloned = await git('clone', '--bare', '-q', '-c', `remote.origin.fetch=${tracking}`, url, folder);
    expect(cloned.code, cloned.err).toBe(0);
    expect(existsSync(join(folder, 'HEAD'))).toBe(true);
    expect((await git('--git-dir', folder, 'rev-parse', name)).out.trim()).toBe(world.tip);
    expect(world.server.seen.every(({ headers }) => headers['specstory-protocol'] === '1')).toBe(true);
  });

  it('fetches a part of the history, and without blobs', async () => {
    const world = await filled();
    const shallow = await world.git('fetch', '--depth=1', '--no-tags', 'team', tracking);
    expect(shallow.code, shallow.err).toBe(0);
    const folder = join(world.repository, '..', 'partial');
    const url = `specstory://127.0.0.1:${world.server.port}/project`;
    const args = ['clone', '--bare', '-q', '--filter=blob:none', '-c', `remote.origin.fetch=${tracking}`, url, folder];
    const cloned = await world.git(...args);
    expect(cloned.code, cloned.err).toBe(0);
    const shown = await world.git('--git-dir', folder, 'cat-file', '-p', `${world.tip}:file`);
    expect(shown.code, shown.err).toBe(0);
  });

  it('tells in words why it did not work, once (B05, B06, B09)', async () => {
    const world = await filled();
    const answer =
      (code: number): Fault =>
      (_seen, response) => {
        response.writeHead(code, { 'content-type': 'text/plain' }).end('because');
        return 'answered';
      };
    for (const [code, says] of [
      [401, 'not signed in at'],
      [403, 'no permission for project at .*: because'],
      [404, 'no project project for you'],
      [412, 'another version: because'],
      [503, 'the server is unavailable, HTTP 503'],
    ] as const) {
      world.server.options.fault = answer(code);
      for (const args of [
        ['fetch', 'team', tracking],
        ['ls-remote', 'team'],
      ]) {
        const ran = await world.git(...args);
        expect(ran.code).toBe(128);
        expect(ran.err).toMatch(new RegExp(`^specstory: .*${says}`));
        expect(ran.err).not.toMatch(/^fatal|could not read Username/m);
      }
    }
  });

  it('leaves no report of a push', async () => {
    const world = await pushWorld({ authorization: bearer });
    await world.git('ls-remote', 'team');
    expect(world.report()).toBeUndefined();
  });
});

async function speak(world: World, input: string, url?: string): Promise<Ran> {
  const child = world.helper(input, url);
  child.stdin?.end();
  return child.ran;
}

describe('the words between git and its helper', () => {
  it('answers options: a bare object-format (git 2.39), `true` (2.45), C-quoted values, and what it does not know', async () => {
    const world = await pushWorld();
    const lines = [
      ['capabilities', 'stateless-connect\nfetch\noption\npush\ncheck-connectivity\nobject-format\n\n'],
      ['option progress true', 'ok\n'],
      ['option progress maybe', 'error it is true or false\n'],
      ['option verbosity 2', 'ok\n'],
      ['option verbosity many', 'error verbosity is a number\n'],
      ['option object-format', 'ok\n'],
      ['option object-format true', 'ok\n'],
      ['option object-format sha256', 'unsupported\n'],
      ['option family ipv4', 'unsupported\n'],
      ['option push-option "a\\tb\\303\\274"', 'ok\n'],
      ['option push-option "open', 'error the value is not quoted as it should be\n'],
      ['option pushcert true', 'unsupported\n'],
      ['option depth 1', 'ok\n'],
      ['option no-such-thing 1', 'unsupported\n'],
    ] as const;
    const { out, code } = await speak(world, `${lines.map(([line]) => line).join('\n')}\n\n`);
    expect(out).toBe(lines.map(([, answer]) => answer).join(''));
    expect(code).toBe(0);
  });

  it('B51: refuses an address that is none, before anything is started', async () => {
    const world = await pushWorld();
    for (const url of [
      'ext::sh -c touch% /tmp/x',
      '--upload-pack=touch x',
      'file:///etc',
      '-oProxyCommand=x',
      'fd::7',
      'specstory://host\n/x',
      'specstory://user:hunter2@127.0.0.1/x',
      'specstory://host/a..b',
      'specstory://host/-x',
      'http://example.org/git/x',
      'https://host/git/x?y',
      '',
    ]) {
      const { code, out, err } = await speak(world, 'capabilities\n\n', url);
      expect([url, code], err).toEqual([url, 128]);
      expect(out).toBe('');
      expect(err).toMatch(/^specstory: .*address/);
      expect(err).not.toContain('hunter2');
    }
    expect(world.server.seen).toEqual([]);
  });

  it('B52: hostile names of refs reach no command line', async () => {
    const world = await pushWorld();
    for (const ref of [
      '-x',
      'a..b',
      'refs/specstory/x.lock',
      'refs/specstory/@{',
      'refs/specstory/\u00fc',
      `refs/specstory/${'n'.repeat(300)}`,
      '--exec=touch x',
    ]) {
      const { out } = await speak(world, `list for-push\npush refs/specstory/history:${ref}\n\n\n`);
      expect(out).toMatch(/^(?:ok refs\/specstory\/\u00fc|error .*)$/m);
    }
    expect(existsSync(join(world.repository, 'x'))).toBe(false);
  });
});
