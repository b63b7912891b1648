import { describe, expect, it } from 'vitest';
import { testServer } from '../../hosts/server.ts';
import { commandLine } from './command-line.ts';

describe('the allowance of SpecStory’s clients', () => {
  it('is told with every answer, and 429 says when to come back', async () => {
    const server = await testServer({ allowances: { specstory: { burst: 3, perMinute: 60 } } });
    const ann = await server.account('ann');
    const client = commandLine(server, await server.token(ann, 'sessions:read'));
    const told = (headers: Headers) =>
      ['Limit', 'Remaining', 'Reset'].map((name) => Number(headers.get(`X-RateLimit-${name}`)));
    for (const left of [2, 1, 0]) {
      const { status, headers } = await client.get('/projects');
      const [limit, remaining, reset = 0] = told(headers);
      expect([status, limit, remaining]).toEqual([200, 3, left]);
      expect(reset).toBeGreaterThan(server.registry.now() / 1000);
      expect(reset).toBeLessThan(server.registry.now() / 1000 + 10);
    }
    const over = await client.get('/projects');
    expect(over).toMatchObject({ status: 429, json: { success: false, error: expect.any(String) } });
    expect(Number(over.headers.get('Retry-After'))).toBe(1);
    expect(told(over.headers)[1]).toBe(0);
    server.wait(2000);
    expect((await client.get('/projects')).status).toBe(200);
  });

  it('does not go down for another token', async () => {
    const server = await testServer({ allowances: { specstory: { burst: 1, perMinute: 1 } } });
    const ann = await server.account('ann');
    for (const token of [await server.token(ann, 'sessions:read'), await server.token(ann, 'sessions:read')])
      expect((await commandLine(server, token).get('/projects')).status).toBe(200);
  });
});
