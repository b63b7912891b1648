import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Config, type Level, mergeConfig, type Settings } from '../../core/config.ts';
import { reason, SpecstoryError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { parseConfig } from '../../core/parse-config.ts';
import { setConfigValue } from '../../core/set-config-value.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import { kindOf } from '../../platform/host.ts';
import { userFolder } from '../../platform/user-folder.ts';

/** Where configuration is looked for. */
export interface ConfigPlace {
  readonly host: Pick<Host, 'env' | 'home' | 'platform' | 'path'>;
  /** The top of the working tree; without it only the user file counts. */
  readonly root?: string;
}

/**
 * The file of a level: `specstory/config.toml` in `$XDG_CONFIG_HOME`, `~/.config` or `%APPDATA%` for the user, and
 * `.specstory/config.toml` in the working tree for the project. `undefined` when there is no such place on this machine.
 */
export function configFile({ host, root }: ConfigPlace, level: Level): string | undefined {
  if (level === 'project') return root && host.path.join(root, '.specstory', 'config.toml');
  const folder = userFolder(host);
  return folder && host.path.join(folder, 'specstory', 'config.toml');
}

/**
 * The configuration that applies: flags over project over user over defaults. Throws `config` for a file that is wrong, and
 * for one that is there and cannot be read: its rules may be what keeps a secret in.
 */
export function loadConfig(place: ConfigPlace, flags?: Settings): Config {
  const user = loadSettings(place, 'user');
  const project = loadSettings(place, 'project');
  return mergeConfig({ user, project, ...(flags && { flags }) });
}

/** What the file of one level sets; nothing when there is none. Throws as `loadConfig` does. */
export function loadSettings(place: ConfigPlace, level: Level): Settings {
  const file = configFile(place, level);
  return file === undefined ? {} : parseConfig(readText(file) ?? '', file, level);
}

/** Sets one key in the file of a level, which is made when it is missing. Gives the file's path. */
export async function saveConfigValue(place: ConfigPlace, level: Level, key: string, value: unknown): Promise<string> {
  const file = configFile(place, level);
  if (file === undefined) {
    const hint = 'set HOME or XDG_CONFIG_HOME';
    throw new SpecstoryError('config', `there is no folder for the ${level} configuration`, { hint });
  }
  const text = setConfigValue(readText(file) ?? '', key, value, { file, level });
  mkdirSync(dirname(file), { recursive: true });
  await replaceFile(file, text);
  return file;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (kindOf(cause) === 'not-found') return undefined;
    throw new SpecstoryError('config', `cannot read ${file}: ${reason(cause)}`, { cause });
  }
}
