import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../src/server/settings/load.ts';
import { settingNames, settingsSchema, shownSetting, variableOf } from '../../../src/server/settings/settings.ts';
import { temporaryFolder } from '../../git/repositories.ts';

function world(toml = '') {
  const data = path.join(temporaryFolder(), 'data');
  mkdirSync(data);
  writeFileSync(path.join(data, 'server.toml'), toml);
  const load = (env: NodeJS.ProcessEnv = {}, flags = {}) => loadSettings({ flags: { data, ...flags }, env, cwd: '/' });
  return { data, load };
}

describe('the settings of a server', () => {
  it('are what the schema says where nothing is set', async () => {
    const { data, load } = world();
    const loaded = await load();
    expect(loaded).toMatchObject({ data, settings: settingsSchema.parse({}) });
    expect(new Set(loaded.from.values())).toEqual(new Set(['default']));
    for (const name of settingNames) expect(settingsSchema.shape[name].description, name).toMatch(/\.$/);
  });

  it('come from flags, then the environment, then the file', async () => {
    const { data, load } = world('listen = "127.0.0.1:1"\nbase_path = "/file"\ndrain_seconds = 3\n');
    const { settings, from } = await load(
      { SPECSTORY_LISTEN: '127.0.0.1:2', SPECSTORY_BASE_PATH: '/env/', SPECSTORY_LOG_LEVEL: '' },
      { listen: '[::1]:3' },
    );
    expect(settings).toMatchObject({ listen: '[::1]:3', base_path: '/env', drain_seconds: 3, log_level: 'info' });
    expect([from.get('listen'), from.get('base_path'), from.get('drain_seconds'), from.get('log_level')]).toEqual([
      '--listen',
      'SPECSTORY_BASE_PATH',
      path.join(data, 'server.toml'),
      'default',
    ]);
  });

  it('have an environment variable each, in the type of the setting', async () => {
    const { load } = world();
    const { settings } = await load({
      SPECSTORY_TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1',
      SPECSTORY_PUSH_BYTES: '4096',
      SPECSTORY_PUBLIC_URL: 'https://history.example.org/x/',
      SPECSTORY_DATABASE_URL: 'postgres://u:p@db/x',
    });
    expect(settings).toMatchObject({
      trusted_proxies: ['10.0.0.0/8', '127.0.0.1'],
      push_bytes: 4096,
      public_url: 'https://history.example.org/x',
      database_url: 'postgres://u:p@db/x',
    });
    expect(settingNames.map(variableOf)).toContain('SPECSTORY_DRAIN_SECONDS');
  });

  it('find their directory by flag, environment, or the customs of the system', async () => {
    const place = async (flags: object, env: NodeJS.ProcessEnv) =>
      (await loadSettings({ flags, env, cwd: '/work' })).data;
    expect(await place({ data: 'here' }, { SPECSTORY_DATA: '/there' })).toBe('/work/here');
    expect(await place({}, { SPECSTORY_DATA: '/there', HOME: '/home/dev' })).toBe('/there');
    expect(await place({}, { HOME: '/home/dev' })).toBe('/home/dev/.local/share/specstory/server');
    expect(await place({}, { HOME: '/home/dev', XDG_DATA_HOME: '/data' })).toBe('/data/specstory/server');
    await expect(place({}, {})).rejects.toMatchObject({ kind: 'usage', hint: expect.stringContaining('--data') });
  });

  it.each([
    ['listn = "x:1"', /server\.toml: unknown setting listn/],
    ['listen = 80', /listen/],
    ['listen = "80"', /host:port/],
    ['base_path = "x"', /base_path.*write a path/],
    ['base_path = "/../x y"', /base_path/],
    ['public_url = "ftp://x"', /public_url/],
    ['public_url = "https://u:p@x"', /no query and no password/],
    ['trusted_proxies = "10.0.0.1"', /trusted_proxies/],
    ['push_bytes = -1', /push_bytes/],
    ['[limits]\nx = 1', /unknown setting limits/],
    ['listen = ', /server\.toml:1/],
  ])('refuse %j', async (toml, message) => {
    await expect(world(toml).load()).rejects.toMatchObject({ kind: 'config', message: expect.stringMatching(message) });
  });

  it('name the flag or the variable that is wrong, and no secret', async () => {
    const { load } = world();
    await expect(load({}, { listen: 'x' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('--listen'),
    });
    await expect(load({ SPECSTORY_PUSH_BYTES: 'many' })).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('SPECSTORY_PUSH_BYTES'),
    });
    const secret = world('database_url = "postgres://u:hunter2@db/x" oops');
    const thrown = await secret.load().catch((error) => error);
    expect(`${thrown.message} ${thrown.stack} ${JSON.stringify(thrown.cause)}`).not.toContain('hunter2');
  });

  it('show where a database is, not how to get in', () => {
    expect(shownSetting('database_url', 'postgres://user:hunter2@db.example:5432/x?password=hunter2')).toBe(
      'postgres://…@db.example:5432/x',
    );
    expect(shownSetting('database_url', 'host=db password=hunter2')).toBe('…');
    expect(shownSetting('listen', '127.0.0.1:1')).toBe('127.0.0.1:1');
    expect(shownSetting('database_url', undefined)).toBeUndefined();
  });
});
