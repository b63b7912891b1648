import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../git/repositories.ts';
import { type Ran, specstory } from '../hosts/program.ts';
import { recordingProxy } from '../hosts/recording-proxy.ts';
import { type Scratch, scratch } from '../hosts/scratch.ts';
import { type Serving, serving } from '../hosts/serving.ts';
import { specstory as specstoryAside } from '../sync/world.ts';

type Cloud = (args: readonly string[], input?: string) => Ran;

interface World {
  readonly scratch: Scratch;
  readonly data: string;
  readonly server: Serving;
  readonly onData: Cloud;
}

/** A running server with an administrator, whose data directory is administered at the same time. */
async function world(): Promise<World> {
  const home = scratch();
  const data = join(temporaryFolder(), 'data');
  const server = await serving(data);
  const onData: Cloud = (args, input = '') => specstory(home, ['cloud', ...args, '--data', data], { input });
  expect(onData(['user', 'add', 'root', '--admin', '--password', '-'], 'a long password\n')).toMatchObject({ code: 0 });
  return { scratch: home, data, server, onData };
}

function overApi({ scratch: home, server, onData }: World): Cloud {
  const made = onData(['token', 'add', '--user', 'root', '--scope', 'admin', '--json']);
  const { token } = JSON.parse(made.out);
  return (args, input = '') =>
    specstory(home, ['cloud', ...args, '--server', server.url, '--token', '-'], { input: `${token}\n${input}` });
}

const call = (server: Serving, token: string, path: string, method = 'GET') =>
  fetch(`${server.url}${path}`, { method, headers: { Authorization: `Bearer ${token}` } });

describe.each([
  ['on a data directory', (made: World): Cloud => made.onData],
  ['over the API', overApi],
])('specstory cloud %s', (_name, choose) => {
  it('makes accounts, and tokens that work on the running server until they are revoked', async () => {
    const made = await world();
    const cloud = choose(made);
    expect(cloud(['user', 'add', 'ci', '--no-password'])).toMatchObject({ code: 0, out: 'ci has an account\n' });
    expect(cloud(['user', 'add', 'script'])).toMatchObject({
      code: 0,
      out: 'script has an account\n',
      err: expect.stringContaining('for tokens only'),
    });
    expect(cloud(['user', 'add', 'CI', '--no-password'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('already'),
    });
    const users = JSON.parse(cloud(['user', 'list', '--json']).out);
    expect(users).toEqual([
      { id: expect.any(String), name: 'ci', admin: false, disabled: false, created_at: expect.any(String) },
      { id: expect.any(String), name: 'root', admin: true, disabled: false, created_at: expect.any(String) },
      { id: expect.any(String), name: 'script', admin: false, disabled: false, created_at: expect.any(String) },
    ]);
    const added = cloud([
      'token',
      'add',
      '--user',
      'ci',
      '--scope',
      'capture:write',
      '--name',
      'builds',
      '--expires',
      '7d',
    ]);
    expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/^ss_pat_\w{49}\n$/) });
    const token = added.out.trim();
    expect(await (await call(made.server, token, '/api/v2/whoami')).json()).toMatchObject({ name: 'ci' });
    const [listed] = JSON.parse(cloud(['token', 'list', '--user', 'ci', '--json']).out);
    expect(listed).toMatchObject({
      user: 'ci',
      name: 'builds',
      scopes: ['capture:write'],
      last_used: expect.any(String),
    });
    expect(cloud(['token', 'revoke', listed.id])).toMatchObject({ code: 0 });
    expect((await call(made.server, token, '/api/v2/whoami')).status).toBe(401);
    expect(cloud(['token', 'revoke', listed.id])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such token'),
    });
    expect(made.server.err()).not.toMatch(/ss_pat_/);
  });

  it('disables an account at once, and changes a password', async () => {
    const made = await world();
    const cloud = choose(made);
    cloud(['user', 'add', 'bob', '--password', '-'], 'a long password\n');
    const token = cloud(['token', 'add', '--user', 'bob', '--scope', 'sessions:read', 'admin']).out.trim();
    expect((await call(made.server, token, '/api/v2/projects')).status).toBe(200);
    expect(cloud(['user', 'set', 'bob', '--disable'])).toMatchObject({ code: 0 });
    expect((await call(made.server, token, '/api/v2/projects')).status).toBe(401);
    expect(cloud(['user', 'list']).out).toMatch(/bob +disabled/);
    expect(cloud(['user', 'set', 'bob', '--enable', '--password', '-'], 'another password\n')).toMatchObject({
      code: 0,
    });
    expect((await call(made.server, token, '/api/v2/projects')).status).toBe(200);
    expect(cloud(['user', 'set', 'bob'])).toMatchObject({ code: 2, err: expect.stringContaining('nothing to change') });
    expect(cloud(['user', 'set', 'nobody', '--disable'])).toMatchObject({ code: 1 });
  });

  it('lists projects, and adds and removes members', async () => {
    const made = await world();
    const cloud = choose(made);
    for (const name of ['alice', 'bob']) cloud(['user', 'add', name, '--no-password']);
    expect(JSON.parse(cloud(['project', 'list', '--json']).out)).toEqual([]);
    expect(cloud(['member', 'add', 'alice/x', 'bob'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such project'),
    });
    expect(cloud(['member', 'add', 'x', 'bob'])).toMatchObject({ code: 2, err: expect.stringContaining('OWNER/ID') });
    expect(cloud(['member', 'add', 'alice/x', 'bob', '--role', 'king'])).toMatchObject({ code: 2 });
  });

  it('refuses what is wrong, with what to do', async () => {
    const cloud = choose(await world());
    const weak = cloud(['user', 'add', 'bob', '--password', '-'], 'short\n');
    expect(weak).toMatchObject({ code: 2, err: expect.stringContaining('10 to 200') });
    expect(cloud(['user', 'add', 'b ob', '--no-password'])).toMatchObject({ code: 2 });
    expect(cloud(['user', 'add', 'bob', '--password', 'hunter2hunter2'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--password -'),
    });
    for (const wrong of [
      ['--scope', 'everything'],
      ['--scope', 'admin', '--expires', 'never'],
      ['--scope', 'admin', '--expires', '367d'],
      ['--scope', 'admin', '--expires', '2020-01-01'],
      [],
    ])
      expect(cloud(['token', 'add', '--user', 'root', ...wrong]), wrong.join(' ')).toMatchObject({ code: 2 });
  });
});

describe('specstory cloud', () => {
  it('finds no server in a folder that is none, and makes none', () => {
    const home = scratch();
    const ran = specstory(home, ['cloud', 'user', 'list', '--data', home.repository]);
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('no data directory') });
  });

  it('keeps tokens off the command line, and sends them to no other place', async () => {
    const made = await world();
    const at = ['--server', made.server.url];
    const run = (args: string[], input = '') => specstory(made.scratch, ['cloud', 'user', 'list', ...args], { input });
    expect(run([...at, '--token', 'ss_pat_x'])).toMatchObject({ code: 2, err: expect.stringContaining('--token -') });
    expect(run(at)).toMatchObject({ code: 2, err: expect.stringContaining('needs a token') });
    expect(run([...at, '--token', '-'], 'ss_pat_wrong\n')).toMatchObject({
      code: 1,
      err: expect.stringContaining('token'),
    });
    expect(run(['--server', 'http://history.example.org', '--token', '-'], 'x\n')).toMatchObject({
      code: 2,
      err: expect.stringContaining('https://'),
    });
    expect(run(['--server', 'http://127.0.0.1:1', '--token', '-'], 'x\n')).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot reach'),
    });
    const member = made.onData(['user', 'add', 'bob', '--no-password']);
    expect(member.code).toBe(0);
    const token = made.onData(['token', 'add', '--user', 'bob', '--scope', 'admin']).out;
    expect(run([...at, '--token', '-'], token)).toMatchObject({
      code: 1,
      err: expect.stringContaining('administrators'),
    });
  });

  it('explains every command with examples', () => {
    const home = scratch();
    const commands = ['user add', 'user list', 'user set', 'token add', 'token list', 'token revoke', 'project list'];
    for (const command of [
      '',
      'user',
      'token',
      'project',
      'member',
      ...commands,
      'member add',
      'member list',
      'member remove',
    ]) {
      const help = specstory(home, ['cloud', ...command.split(' ').filter(Boolean), '-h']);
      expect(help.code, command).toBe(0);
      expect(help.out, command).toMatch(/Examples:\n {2}\$ specstory cloud/);
    }
    expect(specstory(home, ['cloud', 'usr'])).toMatchObject({ code: 2 });
    expect(specstory(home, ['cloud', 'user', 'lst'])).toMatchObject({ code: 2, err: expect.stringContaining('list') });
  });
});

describe('specstory cloud --server', () => {
  it('goes the way that git is told to go, as every other command', async () => {
    const made = await world();
    const proxy = await recordingProxy();
    onTestFinished(() => proxy.close());
    const token = made.onData(['token', 'add', '--user', 'root', '--scope', 'admin']).out;
    made.scratch.plant('.gitconfig', `[http]\n\tproxy = ${proxy.origin}\n`);
    const args = ['cloud', 'user', 'list', '--server', made.server.url, '--token', '-'];
    const ran = await specstoryAside(made.scratch, args, { input: token });
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('root') });
    expect(proxy.requests).toMatchObject([{ method: 'GET', target: `${made.server.url}/api/v2/admin/users` }]);
    made.scratch.plant('.gitconfig', '[http]\n\tproxy = http://127.0.0.1:9\n');
    expect(await specstoryAside(made.scratch, args, { input: token })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/cannot reach .*/),
    });
  });
});
