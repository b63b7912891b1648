import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFile, loadConfig, loadSettings, saveConfigValue } from '../../../src/client/settings/config.ts';
import { defaults, describeConfig } from '../../../src/core/config.ts';
import { nodeHost } from '../../../src/platform/host.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'specstory-config-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const host = (env: NodeJS.ProcessEnv = {}) => nodeHost({ env: { HOME: path.join(root, 'home'), ...env } });

function write(file: string | undefined, text: string): void {
  if (file === undefined) throw new Error('no place for the file');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

describe('configFile', () => {
  it('follows the customs of each system', () => {
    const at = (platform: 'linux' | 'win32', env: Record<string, string>, home?: string) =>
      configFile(
        { host: { platform, home, env: (name) => env[name], path: path[platform === 'win32' ? 'win32' : 'posix'] } },
        'user',
      );
    expect(at('linux', {}, '/home/dev')).toBe('/home/dev/.config/specstory/config.toml');
    expect(at('linux', { XDG_CONFIG_HOME: '/etc/me' }, '/home/dev')).toBe('/etc/me/specstory/config.toml');
    expect(at('linux', { XDG_CONFIG_HOME: 'relative' }, '/home/dev')).toBe('/home/dev/.config/specstory/config.toml');
    expect(at('linux', {})).toBeUndefined();
    expect(at('win32', { APPDATA: 'C:\\Users\\dev\\AppData\\Roaming' })).toBe(
      'C:\\Users\\dev\\AppData\\Roaming\\specstory\\config.toml',
    );
    expect(at('win32', {}, 'C:\\Users\\dev')).toBe('C:\\Users\\dev\\AppData\\Roaming\\specstory\\config.toml');
    expect(configFile({ host: host(), root }, 'project')).toBe(path.join(root, '.specstory/config.toml'));
  });
});

describe('loadConfig', () => {
  it('is the defaults where nothing is set, and without a home', () => {
    expect(loadConfig({ host: host(), root })).toEqual(defaults);
    expect(loadConfig({ host: nodeHost({ env: {} }) })).toEqual(defaults);
  });

  it('puts flags over project over user', () => {
    write(
      configFile({ host: host() }, 'user'),
      '[capture]\nraw = false\nmirror = true\n[redaction]\nentropy = false\n',
    );
    write(configFile({ host: host(), root }, 'project'), '[capture]\nmirror = false\nforeground = true\n');
    const config = loadConfig({ host: host(), root }, { capture: { foreground: false } });
    expect(config.capture).toMatchObject({ raw: false, mirror: false, foreground: false });
    expect(config.redaction.entropy).toBe(false);
    expect(loadSettings({ host: host(), root }, 'project')).toEqual({ capture: { mirror: false, foreground: true } });
  });

  it('refuses a file that is wrong, or there and unreadable: its rules may be what keeps a secret in', () => {
    const file = configFile({ host: host(), root }, 'project');
    write(file, '[redaction]\nallow = ["AKIA"]\n');
    expect(() => loadConfig({ host: host(), root })).toThrow(
      `${file}:2: redaction.allow cannot be set in a project file`,
    );
    rmSync(path.join(root, '.specstory'), { recursive: true });
    mkdirSync(file ?? '', { recursive: true });
    expect(() => loadConfig({ host: host(), root })).toThrow(`cannot read ${file}`);
  });
});

describe('saveConfigValue', () => {
  it('makes the file, then changes one value and nothing else', async () => {
    const file = await saveConfigValue({ host: host(), root }, 'user', 'capture.raw', false);
    expect(file).toBe(path.join(root, 'home/.config/specstory/config.toml'));
    expect(readFileSync(file, 'utf8')).toBe('[capture]\nraw = false\n');
    writeFileSync(file, '# mine\n[capture]\nraw = false # because\n', { mode: 0o600 });
    const before = statSync(file).mode;
    await saveConfigValue({ host: host(), root }, 'user', 'capture.raw', true);
    expect(readFileSync(file, 'utf8')).toBe('# mine\n[capture]\nraw = true # because\n');
    expect(statSync(file).mode).toBe(before);
  });

  it('says no before it writes', async () => {
    await expect(saveConfigValue({ host: host(), root }, 'project', 'redaction.entropy', false)).rejects.toMatchObject({
      kind: 'config',
    });
    await expect(saveConfigValue({ host: nodeHost({ env: {} }) }, 'user', 'capture.raw', false)).rejects.toMatchObject({
      kind: 'config',
      hint: expect.stringContaining('HOME'),
    });
    expect(loadSettings({ host: host(), root }, 'project')).toEqual({});
  });
});

describe('docs/configuration.md', () => {
  it('has a row for every key, in the words of the program', () => {
    const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/configuration.md'), 'utf8').replaceAll(
      '`',
      '',
    );
    for (const { key, default: value, meaning } of describeConfig()) {
      expect(text).toContain(`| ${key} | ${JSON.stringify(value)} | `);
      expect(text).toContain(meaning);
    }
  });
});
