import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { openCredentialStore } from '../../src/remote/credential-store.ts';
import { formHeaders } from '../hosts/server.ts';
import { patience, soak } from '../hosts/soak.ts';
import { expectOneCopy, expectTruth, type RealWorld, realWorld } from './real-world.ts';

const asked = z.object({ device_code: z.string(), user_code: z.string() });
const tokens = z.object({ access_token: z.string(), refresh_token: z.string(), expires_at: z.string() });
const password = 'a long password';

/** Signs a clone in as a device of ada's, as a person does on the page. */
async function signInAsDevice({ server, env, home }: RealWorld): Promise<void> {
  const { url } = server.now();
  const post = (path: string, body: string, headers: Record<string, string>) =>
    fetch(`${url}${path}`, { method: 'POST', redirect: 'manual', headers, body });
  const json = { 'Content-Type': 'application/json' };
  const code = asked.parse(await (await post('/api/v2/device/code', '{"client":"specstory"}', json)).json());
  const form = formHeaders(url);
  const fields = (all: Record<string, string>) => new URLSearchParams(all).toString();
  const signedIn = await post('/signin', fields({ name: 'ada', password, next: '/' }), form);
  const Cookie = signedIn.headers.get('Set-Cookie')?.split(';')[0] ?? '';
  const page = await (await fetch(`${url}/tokens`, { headers: { Cookie } })).text();
  const key = /name="key" value="([0-9a-f]+)"/.exec(page)?.[1] ?? '';
  await post('/device/decide', fields({ key, user_code: code.user_code, decision: 'allow' }), { ...form, Cookie });
  const answer = await post('/api/v2/device/token', JSON.stringify({ device_code: code.device_code }), json);
  const granted = tokens.parse(await answer.json());
  await openCredentialStore({ env, home }).change(async (all) => {
    all.set(server.url, { server: server.url, ...granted });
    return { result: undefined, write: true };
  });
}

/** Ends all access tokens of a server now, as an hour would. */
function endAccessTokens(data: string): void {
  const Connect = createRequire(import.meta.url)('libsql');
  const database = new Connect(join(data, 'accounts.sqlite'));
  database.prepare("UPDATE tokens SET expires = 1 WHERE kind = 'access'").run();
  database.close();
}

it('R21: a token that ends in the middle of each of ten pushes is renewed once each', {
  timeout: patience,
}, async () => {
  const world = await realWorld();
  const { proxy, data } = world.server;
  await signInAsDevice(world);
  for (let push = 0; push < soak(4, 10); push++) {
    world.plantSessions();
    let isEnded = false;
    proxy.requests.length = 0;
    proxy.faults.before = (piece) => {
      if (!isEnded && piece.request.startsWith('POST /git/')) {
        isEnded = true;
        endAccessTokens(data);
      }
      return undefined;
    };
    const report = await world.json('sync');
    delete proxy.faults.before;
    expect(isEnded).toBe(true);
    expect(report, JSON.stringify(report)).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 1 } }] });
    expect(await expectTruth(world, report)).toBe('ok');
    expect(proxy.requests.filter((line) => line.includes('/token/refresh'))).toHaveLength(1);
    // The body could be sent once more, and was: nothing is there twice.
    expect(proxy.requests.filter((line) => line.startsWith('POST /git/'))).toHaveLength(2);
  }
  await expectOneCopy(world);
});
