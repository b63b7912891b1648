import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { remoteTips, type Talk } from '../../src/git/remote-refs.ts';
import { openRepository } from '../../src/git/repository.ts';
import { git, makeRepository, temporaryFolder } from './repositories.ts';

/** A talk over a line that is begun by a script: it may wait before it hands over to the host. */
async function talkBehind(script: string, limit: Talk['limit']) {
  const [here, host] = [makeRepository(), makeRepository()];
  git(here, 'remote', 'add', 'host', `host:${host}`);
  const ssh = path.join(temporaryFolder(), 'ssh');
  writeFileSync(ssh, `#!/bin/sh\n${script}\nwhile [ $# -gt 1 ]; do shift; done\neval "$1"\n`, { mode: 0o755 });
  const env = { GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: 'simple' };
  return remoteTips(await openRepository(here), { remote: 'host', protocols: ['ssh'], env, limit }, 'refs/heads/*');
}

const slowly = 'for turn in 1 2 3 4 5 6; do sleep 0.5; echo "still at it" >&2; done';

it('is not ended as long as something moves, and ended when nothing does', { timeout: 30_000 }, async () => {
  const moving = await talkBehind(slowly, { idle: 2000 });
  expect(moving, moving.stderr).toMatchObject({ code: 0, timedOut: false });
  expect(moving.tips.size).toBe(1);
  expect(await talkBehind('sleep 20', { idle: 2000 })).toMatchObject({ code: null, timedOut: true });
  expect(await talkBehind(slowly, { wall: 2000 })).toMatchObject({ code: null, timedOut: true });
});
