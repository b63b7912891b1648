import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../git/repositories.ts';
import { specstory } from '../hosts/program.ts';
import { scratch } from '../hosts/scratch.ts';
import { serving } from '../hosts/serving.ts';
import { storedBy } from '../sync/stored.ts';
import { Clone } from './clone.ts';
import { exchange, sessionFiles } from './sessions.ts';

describe('R8: a server whose disk takes no more', () => {
  it('refuses the push with the reason, keeps what it has, goes on, and takes the push when there is room', async () => {
    const data = join(temporaryFolder(), 'data');
    const home = scratch();
    const cloud = (...args: string[]) => specstory(home, ['cloud', ...args, '--data', data]).out.trim();
    const started = await serving(data);
    cloud('user', 'add', 'ada', '--admin', '--no-password');
    const token = cloud('token', 'add', '--user', 'ada', '--scope', 'capture:write');
    const clone = new Clone();
    const push = (url: string, tip: string) => clone.push(`${url}/git/app`, token, [`${tip}:${clone.ref()}`]);
    const first = clone.commit(sessionFiles('one', [exchange('x')]));
    expect(await push(started.url, first)).toMatchObject({ code: 0 });
    expect(await started.end()).toBe(0);

    // No file may grow beyond 1 MiB: what a full disk does to those that write.
    const full = await serving(data, [], { SPECSTORY_LOG_LEVEL: 'error' }, 1024);
    const large = clone.commit(
      sessionFiles('two', [exchange('y', 'Do y', randomBytes(3 << 20).toString('hex'))]),
      first,
    );
    for (let turn = 0; turn < 3; turn++) {
      const refused = await push(full.url, large);
      expect(refused.code).not.toBe(0);
      expect(refused.out).toMatch(/could not take the push: try again later|the disk of the server is full/);
      expect((await fetch(`${full.url}/healthz`)).status).toBe(200);
      expect(Object.values(storedBy(data).refs)).toEqual([first]);
    }
    const small = clone.commit(sessionFiles('three', [exchange('z')]), first);
    expect(await push(full.url, small)).toMatchObject({ code: 0 });
    expect(await full.end()).toBe(0);

    const roomy = await serving(data);
    const later = clone.commit(
      sessionFiles('two', [exchange('y', 'Do y', randomBytes(3 << 20).toString('hex'))]),
      small,
    );
    expect(await push(roomy.url, later)).toMatchObject({ code: 0 });
    const { sessions, indexed, rejections } = storedBy(data);
    expect(indexed.sessions).toEqual([...sessions].sort());
    expect([sessions.length, rejections]).toEqual([3, 0]);
  });
});
