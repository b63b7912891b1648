import path from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { reason, SpecstoryError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { readIfThere } from '../../platform/atomic-file.ts';
import {
  fromVariable,
  type ServerSettings,
  type SettingName,
  settingNames,
  settingsSchema,
  variableOf,
} from './settings.ts';

/** Where a server is told what to do. */
export interface SettingSources {
  /** What was written on the command line. */
  readonly flags: { readonly data?: string | undefined } & { readonly [name in SettingName]?: string | undefined };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export interface LoadedSettings {
  /** The data directory, absolute. */
  readonly data: string;
  readonly settings: ServerSettings;
  /** Where each value comes from. */
  readonly from: ReadonlyMap<SettingName, string>;
}

/** The settings of a server: flags over environment over `server.toml` in the data directory. Throws `config` or `usage`. */
export async function loadSettings({ flags, env, cwd }: SettingSources): Promise<LoadedSettings> {
  const data = path.resolve(cwd, flags.data ?? env.SPECSTORY_DATA ?? usualData(env));
  const file = path.join(data, 'server.toml');
  const written = await readFile(file);
  const found = settingNames.map((name) => [name, lookUp(name, { flags, env }, { file, written })] as const);
  const given = found.flatMap(([name, { value, from }]) =>
    value === undefined ? [] : [[name, checked(name, value, from)]],
  );
  return {
    data,
    settings: settingsSchema.parse(Object.fromEntries(given)),
    from: new Map(found.map(([name, { from }]) => [name, from])),
  };
}

interface Found {
  readonly value?: unknown;
  /** The flag, variable or file that says it. */
  readonly from: string;
}

function lookUp(
  name: SettingName,
  { flags, env }: Pick<SettingSources, 'flags' | 'env'>,
  { file, written }: { file: string; written: Readonly<Record<string, unknown>> },
): Found {
  const variable = variableOf(name);
  const text = env[variable];
  if (flags[name] !== undefined) return { value: flags[name], from: `--${name.replaceAll('_', '-')}` };
  if (text) return { value: fromVariable(name, text), from: variable };
  return Object.hasOwn(written, name) ? { value: written[name], from: file } : { from: 'default' };
}

function checked(name: SettingName, value: unknown, source: string): unknown {
  const result = settingsSchema.shape[name].safeParse(value);
  if (result.success) return value;
  const kind = source.startsWith('--') ? 'usage' : 'config';
  throw new SpecstoryError(kind, `${source}: ${name}: ${result.error.issues[0]?.message ?? 'wrong value'}`, {
    hint: settingsSchema.shape[name].description ?? '',
  });
}

async function readFile(file: string): Promise<Record<string, unknown>> {
  const text = (await readIfThere(file)) ?? '';
  const settings = parsed(text, file);
  const unknown = Object.keys(settings).find((key) => !settingNames.some((name) => name === key));
  if (unknown === undefined) return settings;
  const near = nearest(unknown, settingNames);
  const hint = near ? `did you mean ${near}?` : `settings: ${settingNames.join(', ')}`;
  throw new SpecstoryError('config', `${file}: unknown setting ${unknown}`, { hint });
}

function parsed(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (cause) {
    // What follows the first line of the message is the file itself, which may hold a password.
    const [what = ''] = cause instanceof TomlError ? cause.message.split('\n') : [];
    const line = cause instanceof TomlError ? `:${cause.line}` : '';
    throw new SpecstoryError('config', `${file}${line}: ${what.trim() || reason(cause)}`);
  }
}

function usualData(env: NodeJS.ProcessEnv): string {
  const home = env.HOME ?? env.USERPROFILE;
  if (env.XDG_DATA_HOME) return path.join(env.XDG_DATA_HOME, 'specstory', 'server');
  if (home) return path.join(home, '.local', 'share', 'specstory', 'server');
  throw new SpecstoryError('usage', 'no place for the data of the server', { hint: 'name one: --data DIR' });
}
