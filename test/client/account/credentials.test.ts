import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { rolldown } from 'rolldown';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCredentialStore } from '../../../src/remote/credential-store.ts';
import { openCredentials } from '../../../src/remote/credentials.ts';
import { openHttp } from '../../../src/remote/open-http.ts';
import { scratch } from '../../hosts/scratch.ts';
import { HistoryServer, problem } from '../../sync/history-server.ts';

async function world() {
  const { home, env, repository } = scratch();
  const server = await HistoryServer.start(join(home, 'server'));
  const http = openHttp({ cwd: repository, env });
  onTestFinished(async () => {
    await http.close();
    await server.stop();
  });
  const store = openCredentialStore({ env, home });
  const credentials = openCredentials({ env, http, home });
  const signIn = async () => {
    const granted = server.grant('ada');
    await store.change(async (all) => {
      all.set(server.url, { ...granted, server: server.url });
      return { result: undefined, write: true };
    });
    return granted;
  };
  return { home, env, server, http, store, credentials, signIn };
}

const refreshes = (server: HistoryServer) =>
  server.requests.filter(({ path }) => path.endsWith('/token/refresh')).length;

describe('where credentials are kept', () => {
  it('is a file that nobody else can read, in a folder that nobody else can enter', async () => {
    const { store, signIn } = await world();
    mkdirSync(join(store.file, '..'), { recursive: true, mode: 0o755 });
    await signIn();
    expect(statSync(store.file).mode & 0o777).toBe(0o600);
    expect(statSync(join(store.file, '..')).mode & 0o777).toBe(0o700);
    expect((await store.read()).size).toBe(1);
  });

  it.each([
    [0o644, 'file'],
    [0o640, 'file'],
    [0o604, 'file'],
    [0o777, 'folder'],
    [0o722, 'folder'],
  ])('is refused with a way out when others have access: %o of the %s (B31)', async (mode, what) => {
    const { store, credentials, server, signIn } = await world();
    await signIn();
    const path = what === 'file' ? store.file : join(store.file, '..');
    chmodSync(path, mode);
    await expect(credentials.authorization(server.url)).rejects.toMatchObject({
      kind: 'denied',
      hint: expect.stringContaining(`chmod ${what === 'file' ? 600 : 700} '${path}'`),
    });
    await expect(signIn()).rejects.toMatchObject({ kind: 'denied' });
  });

  it.each([
    '',
    '{"version":1,',
    '\0\u0001binary',
    '[]',
    '{"version":2,"origins":{}}',
    '{"version":1,"origins":{"x":{"server":1}}}',
  ])('is not trusted when it is damaged, and kept aside by the next sign-in: %j (B31)', async (content) => {
    const { store, credentials, server, signIn } = await world();
    mkdirSync(join(store.file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(store.file, content, { mode: 0o600 });
    await expect(credentials.authorization(server.url)).rejects.toMatchObject({
      kind: 'config',
      hint: 'run: specstory login',
    });
    const { access_token } = await signIn();
    expect(await credentials.authorization(server.url)).toBe(`Bearer ${access_token}`);
    expect(readFileSync(`${store.file}.damaged`, 'utf8')).toBe(content);
  });

  it('is for the origin that gave the token, and no other (B56)', async () => {
    const { credentials, server, signIn } = await world();
    await signIn();
    expect(await credentials.authorization(server.url)).toBeDefined();
    for (const other of [`http://localhost:${server.port}`, `https://127.0.0.1:${server.port}`, 'http://127.0.0.1']) {
      expect(await credentials.authorization(other), other).toBeUndefined();
    }
  });
});

describe('a token of the environment', () => {
  it('goes to the origin of its server only', async () => {
    const { env, http, home, server, signIn } = await world();
    const { access_token } = await signIn();
    const given = {
      ...env,
      SPECSTORY_TOKEN: 'ss_pat_given_by_ci',
      SPECSTORY_SERVER: 'https://history.example.org/base',
    };
    const credentials = openCredentials({ env: given, http, home });
    expect(await credentials.authorization('https://history.example.org')).toBe('Bearer ss_pat_given_by_ci');
    expect(await credentials.authorization('http://history.example.org')).toBeUndefined();
    expect(await credentials.authorization(server.url)).toBe(`Bearer ${access_token}`);
    expect(await credentials.renew('https://history.example.org', 'Bearer ss_pat_given_by_ci')).toBeUndefined();
  });

  it.each([
    ['', 'https://h.example'],
    ['  ', 'https://h.example'],
    ['a\nb', 'https://h.example'],
    ['a b', 'https://h.example'],
    ['ss_pat_x', undefined],
    ['ss_pat_x', ' '],
    ['ss_pat_x', 'http://h.example'],
  ])('is an error when it cannot be meant: %j for %j', async (token, server) => {
    const { env, http, home } = await world();
    const given = { ...env, SPECSTORY_TOKEN: token, ...(server === undefined ? {} : { SPECSTORY_SERVER: server }) };
    const credentials = openCredentials({ env: given, http, home });
    const failed = await credentials.authorization('https://h.example').catch((thrown: Error) => thrown);
    expect(failed).toBeInstanceOf(Error);
    if (token.trim()) expect(String(failed)).not.toContain(token);
  });
});

describe('renewal', () => {
  it('keeps the new pair, and gives what another process got meanwhile', async () => {
    const { server, store, credentials, signIn } = await world();
    const { access_token } = await signIn();
    const renewed = await credentials.renew(server.url, `Bearer ${access_token}`);
    expect(renewed).toMatch(/^Bearer ss_at_ada_2_/);
    expect(await credentials.renew(server.url, `Bearer ${access_token}`)).toBe(renewed);
    expect(refreshes(server)).toBe(1);
    const kept = (await store.read()).get(server.url);
    expect(`Bearer ${kept?.access_token}`).toBe(renewed);
    expect(kept?.refresh_token).toMatch(/^ss_rt_ada_2_/);
  });

  it('signs out only when the server says that the token is good no more', async () => {
    const { server, store, credentials, signIn } = await world();
    const { access_token } = await signIn();
    for (const status of [500, 503, 429, 401]) {
      server.instead = (_, response) => {
        problem(response, status, 'something_else');
        return true;
      };
      await expect(credentials.renew(server.url, `Bearer ${access_token}`)).rejects.toMatchObject({
        kind: 'unavailable',
      });
      expect((await store.read()).size).toBe(1);
    }
    server.instead = undefined;
    server.refreshTokens.clear();
    expect(await credentials.renew(server.url, `Bearer ${access_token}`)).toBeUndefined();
    expect((await store.read()).size).toBe(0);
  });

  it('is one request for eight processes, and logs nobody out (B72, R21)', async () => {
    const { home, env, server, store, signIn } = await world();
    const script = join(home, 'renew.cjs');
    await bundleRenewer(script);
    for (let round = 1; round <= 5; round++) {
      const { access_token } = await signIn();
      server.requests.length = 0;
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          runRenewer(script, [server.url, `Bearer ${access_token}`], { ...env, HOME: home }),
        ),
      );
      expect(new Set(answers).size, answers.join('\n')).toBe(1);
      expect(answers[0]).toBe(`Bearer ${(await store.read()).get(server.url)?.access_token}`);
      expect(answers[0]).not.toContain(access_token);
      expect(refreshes(server)).toBe(1);
    }
  });
});

/** A program that renews once and prints what it got, from the sources. */
async function bundleRenewer(file: string): Promise<void> {
  const entry = join(file, '..', 'renew.ts');
  const from = (path: string) => JSON.stringify(join(process.cwd(), 'src/remote', path));
  writeFileSync(
    entry,
    `import { openCredentials } from ${from('credentials.ts')};
    import { openHttp } from ${from('open-http.ts')};
    const http = openHttp({ cwd: process.cwd(), env: process.env });
    const [, , origin, rejected] = process.argv;
    void openCredentials({ env: process.env, http }).renew(origin ?? '', rejected ?? '')
      .then((value) => process.stdout.write(String(value)))
      .finally(() => http.close());`,
  );
  const bundle = await rolldown({ input: entry, platform: 'node', logLevel: 'silent', external: ['libsql'] });
  await bundle.write({ file, format: 'cjs' });
  await bundle.close();
  expect(existsSync(file)).toBe(true);
}

async function runRenewer(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, [script, ...args], { env });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return out + err;
}
