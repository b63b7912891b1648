import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingProxy } from '../hosts/recording-proxy.ts';
import { bearer, history, pushWorld, refspec } from './world.ts';

let folder = '';
const pem = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'specstory-certificates-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'key.pem',
    '-out',
    'cert.pem',
    '-days',
    '2',
    '-subj',
    '/CN=127.0.0.1',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  );
});
afterAll(() => execFileSync('rm', ['-rf', folder]));

const tls = () => ({ key: readFileSync(pem('key.pem'), 'utf8'), cert: readFileSync(pem('cert.pem'), 'utf8') });

describe('http.* of git', () => {
  it('B01: a certificate of nobody we know is refused, unless http.sslCAInfo names it', async () => {
    const world = await pushWorld({ tls: tls(), authorization: bearer });
    const refused = await world.push();
    expect(refused.code).toBe(128);
    expect(refused.err).toMatch(/certificate is signed by itself only.*\n.*hint: name the authority/);
    expect(world.server.seen).toEqual([]);
    const settings: string[][] = [
      [`http.sslCAInfo=${pem('cert.pem')}`],
      [`http.${world.server.origin}/.sslCAInfo=${pem('cert.pem')}`],
      [`http.sslCAPath=${folder}`],
      ['http.sslVerify=false'],
    ];
    for (const [setting = ''] of settings) {
      world.grow();
      const ran = await world.git('-c', setting, 'push', 'team', refspec);
      expect(ran.code, `${setting}: ${ran.err}`).toBe(0);
    }
    const elsewhere = await world.git('-c', 'http.https://example.org/.sslVerify=false', 'push', 'team', refspec);
    expect(elsewhere.code).toBe(128);
    world.grow();
    expect((await world.start(['push', 'team', refspec], { GIT_SSL_NO_VERIFY: '1' }).ran).code).toBe(0);
    expect((await world.start(['ls-remote', 'team'], { GIT_SSL_CAINFO: pem('cert.pem') }).ran).out).toContain(history);
    world.grow();
    // As with git: what the machine trusts, we trust.
    expect((await world.start(['push', 'team', refspec], { SSL_CERT_FILE: pem('cert.pem') }).ran).code).toBe(0);
  });

  it('a proxy of the environment or the configuration, with and without no_proxy', async () => {
    for (const secure of [false, true]) {
      const world = await pushWorld({ authorization: bearer, ...(secure ? { tls: tls() } : {}) });
      const proxy = await recordingProxy({ authorization: `Basic ${btoa('me:p w')}` });
      const address = `http://me:p%20w@127.0.0.1:${proxy.port}`;
      const name = secure ? 'https_proxy' : 'http_proxy';
      const push = async (env: NodeJS.ProcessEnv, ...config: string[]): Promise<number> => {
        const before = proxy.requests.length;
        world.grow();
        const ran = await world.start(['-c', 'http.sslVerify=false', ...config, 'push', 'team', refspec], env).ran;
        expect(ran.code, ran.err).toBe(0);
        return proxy.requests.length - before;
      };
      expect(await push({ [name]: address })).toBeGreaterThan(0);
      expect(await push({ [name]: address, no_proxy: 'example.org, 127.0.0.1' })).toBe(0);
      expect(await push({ [name]: address, no_proxy: '127.0.0.0/8' })).toBe(0);
      expect(await push({ all_proxy: address, NO_PROXY: '*' })).toBe(0);
      expect(await push({ ALL_PROXY: address })).toBeGreaterThan(0);
      expect(await push({}, '-c', `http.proxy=${address}`)).toBeGreaterThan(0);
      expect(await push({}, '-c', `remote.team.proxy=${address}`)).toBeGreaterThan(0);
      expect(await push({ [name]: address }, '-c', 'http.proxy=')).toBe(0);
      expect(proxy.requests.every(({ method }) => (method === 'CONNECT') === secure)).toBe(true);
      if (secure) expect(proxy.saw('ss_at_test')).toBe(false);
      const refused = await world.start(['-c', 'http.sslVerify=false', 'push', 'team', refspec], {
        [name]: `http://127.0.0.1:${proxy.port}`,
      }).ran;
      expect(refused.code).toBe(128);
      await proxy.close();
    }
  });

  it("extra headers and the name of the client; a header of one's own stands for the token", async () => {
    const world = await pushWorld();
    const { origin } = world.server;
    const set = (name: string, value: string) => world.git('config', '--add', name, value);
    await set('http.extraHeader', 'X-Any: 1');
    await set(`http.${origin}/.extraHeader`, 'X-Here: 2');
    await set('http.https://example.org/.extraHeader', 'X-There: 3');
    await set('http.userAgent', 'mine/1');
    await world.push();
    const { headers } = world.server.seen[0] ?? { headers: {} };
    expect(headers).toMatchObject({ 'x-any': '1', 'x-here': '2', 'user-agent': 'mine/1', authorization: bearer });
    expect(headers).not.toHaveProperty('x-there');
    await set(`http.${origin}/.extraHeader`, 'Authorization: Basic b3du');
    world.grow();
    await world.push();
    expect(world.server.seen.at(-1)?.headers.authorization).toBe('Basic b3du');
    await world.git('ls-remote', 'team');
    expect(world.server.seen.at(-1)?.headers.authorization).toBe('Basic b3du');
  });

  it("hands everything to git's own client for settings that only it knows, and says so once", async () => {
    const world = await pushWorld({ authorization: bearer, lines: ['3 sessions stored\n'] });
    const ran = await world.git('-c', 'http.cookieFile=/dev/null', 'push', 'team', refspec);
    expect(ran.code, ran.err).toBe(0);
    expect(
      ran.err.match(/git's own client is used, because of http.cookiefile; sessions are not counted/g),
    ).toHaveLength(1);
    expect(ran.err).toMatch(/^remote: 3 sessions stored/m);
    expect(world.server.seen.every(({ headers }) => headers['specstory-protocol'] === undefined)).toBe(true);
    expect(world.report()).toBeUndefined();
    world.grow();
    const asked = await world.git('-c', 'specstory.helper=passthrough', 'push', 'team', refspec);
    expect(asked.code, asked.err).toBe(0);
    expect(asked.err).not.toContain('specstory: git');
    const listed = await world.git('-c', 'specstory.helper=passthrough', 'ls-remote', 'team');
    expect(listed.out).toContain(history);
    const failed = await world.git('-c', 'specstory.helper=passthrough', 'ls-remote', `specstory://127.0.0.1:1/x`);
    expect(failed.code).toBe(128);
  });
});
