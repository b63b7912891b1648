import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tokenText } from '../../src/core/token.ts';
import { temporaryFolder } from '../git/repositories.ts';
import { faultProxy } from '../hosts/fault-proxy.ts';
import { specstory } from '../hosts/program.ts';
import { scratch } from '../hosts/scratch.ts';
import { serving } from '../hosts/serving.ts';
import { asAdministrator, freshDatabase, postgres } from '../server/store/fresh-database.ts';

describe.runIf(postgres)('specstory serve --database-url', () => {
  it('gives two servers the same accounts, and `cloud` as well', async () => {
    const url = await freshDatabase();
    const [one, two] = await Promise.all([
      serving(temporaryFolder(), [], env(url)),
      serving(temporaryFolder(), [], env(url)),
    ]);
    const data = temporaryFolder();
    const third = await serving(data, ['--database-url', url]);
    const added = specstory(scratch(), ['cloud', 'user', 'add', 'root', '--admin', '--password', '-', '--data', data], {
      input: 'a long password',
      env: env(url),
    });
    expect(added).toMatchObject({ code: 0 });
    for (const { url: at } of [one, two, third]) {
      const answer = await fetch(`${at}/signin`, {
        method: 'POST',
        redirect: 'manual',
        headers: { Origin: new URL(at).origin, 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ name: 'root', password: 'a long password', next: '/' }),
      });
      expect([answer.status, answer.headers.get('Location')]).toEqual([303, '/']);
    }
    const late = await serving(temporaryFolder(), [], env(url));
    expect(late.key).toBeUndefined();
    for (const server of [one, two, third, late]) {
      expect(await server.end()).toBe(0);
      expect(server.err()).not.toContain(new URL(url).password);
    }
  });

  it('is not ready while the database is away, and is again when it is back', async () => {
    const url = new URL(await freshDatabase());
    const proxy = await faultProxy(Number(url.port));
    onTestFinished(() => proxy.close());
    url.port = String(proxy.port);
    const server = await serving(temporaryFolder(), [], env(url.href));
    const ready = async () => (await fetch(`${server.url}/readyz`)).status;
    expect(await ready()).toBe(200);
    proxy.faults.refuse = true;
    await asAdministrator(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${url.username}'`);
    expect(await ready()).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.url}/git/p/info/refs?service=git-upload-pack`, withToken)).status).toBe(503);
    proxy.faults.refuse = false;
    for (let attempt = 0; attempt < 50 && (await ready()) !== 200; attempt++) await pause(100);
    expect(await ready()).toBe(200);
    expect(await server.end()).toBe(0);
  });
});

const env = (url: string) => ({ SPECSTORY_DATABASE_URL: url });
const withToken = { headers: { Authorization: `Bearer ${tokenText('personal', new Uint8Array(32))}` } };
