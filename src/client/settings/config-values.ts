import { configKey, describeConfig, type Level, mergeConfig, type Settings } from '../../core/config.ts';
import { asObject } from '../../core/json.ts';
import { readConfigValue } from '../../core/set-config-value.ts';
import { type ConfigPlace, loadSettings, saveConfigValue } from './config.ts';

/** One setting as it stands. */
export interface ConfigValue {
  readonly key: string;
  readonly value: unknown;
  /** The file that says so. */
  readonly from: Level | 'default';
  readonly meaning: string;
}

/** Every setting, or the one named, with its value and origin. Throws `usage` for an unknown key. */
export function configValues(place: ConfigPlace, key?: string): ConfigValue[] {
  const user = loadSettings(place, 'user');
  const project = loadSettings(place, 'project');
  const all = asObject(mergeConfig({ user, project }));
  const wanted = key === undefined ? describeConfig() : [configKey(key)];
  return wanted.map((definition) => {
    const { section, name } = configKey(definition.key);
    const from = has(project, section, name) ? 'project' : has(user, section, name) ? 'user' : 'default';
    return { key: definition.key, value: asObject(all[section])[name], from, meaning: definition.meaning };
  });
}

/** Sets a key in the file of a level from a word of the command line; gives the file. Throws `usage` or `config`. */
export async function setConfig(place: ConfigPlace, level: Level, key: string, word: string): Promise<string> {
  return saveConfigValue(place, level, key, readConfigValue(key, word));
}

function has(settings: Settings, section: string, name: string): boolean {
  return asObject(asObject(settings)[section])[name] !== undefined;
}
