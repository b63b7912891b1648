import { describe, expect, it, onTestFinished } from 'vitest';
import { parseAddress } from '../../src/protocol/address.ts';
import type { Credentials } from '../../src/remote/credentials.ts';
import { GitService } from '../../src/remote/git-service.ts';
import { openHttp } from '../../src/remote/open-http.ts';
import { pushWorld } from './world.ts';

async function service(valid: string, tokens: readonly (string | undefined)[]) {
  const world = await pushWorld({ authorization: valid });
  const asked: string[] = [];
  const credentials: Credentials = {
    authorization: async (origin) => (origin === world.server.origin ? tokens[0] : undefined),
    renew: async (origin, rejected) => {
      asked.push(`${origin} ${rejected}`);
      return tokens[1];
    },
  };
  const http = openHttp({ cwd: world.repository, env: world.env });
  onTestFinished(() => http.close());
  const address = parseAddress(`specstory://127.0.0.1:${world.server.port}/project`);
  const options = {
    address,
    http,
    credentials,
    userAgent: 'test',
    followRedirects: true,
    signal: new AbortController().signal,
  };
  return { world, asked, service: new GitService(options) };
}

describe('B05: a token that has ended', () => {
  it('is renewed once, and the new one is used from then on', async () => {
    const { world, asked, service: git } = await service('Bearer new', ['Bearer old', 'Bearer new']);
    expect(await git.refs()).toHaveProperty('refs', []);
    expect(asked).toEqual([`${world.server.origin} Bearer old`]);
    expect(await git.probe()).toBeUndefined();
    expect(await git.authorize()).toBe('Bearer new');
    expect(world.server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
      'Bearer new',
    ]);
  });

  it('is renewed in the middle of a push as well', async () => {
    const { world, service: git } = await service('Bearer old', ['Bearer old', 'Bearer new']);
    await git.refs();
    world.server.options.authorization = 'Bearer new';
    expect(await git.probe()).toBeUndefined();
  });

  it('is not asked for again when the new one is refused, or there is none', async () => {
    for (const tokens of [
      ['Bearer old', 'Bearer also old'],
      ['Bearer old', undefined],
      [undefined, 'Bearer new'],
    ]) {
      const { asked, service: git } = await service('Bearer new', tokens);
      expect(await git.refs()).toMatchObject({ outcome: 'auth', refs: 'retryable' });
      expect(asked.length).toBe(tokens[0] ? 1 : 0);
    }
  });

  it('B06: a 403 is no reason for a new one', async () => {
    const { world, asked, service: git } = await service('Bearer old', ['Bearer old', 'Bearer new']);
    world.server.options.fault = (_seen, response) => {
      response.writeHead(403).end();
      return 'answered';
    };
    expect(await git.refs()).toMatchObject({ outcome: 'denied', refs: 'rejected' });
    expect(asked).toEqual([]);
  });
});
