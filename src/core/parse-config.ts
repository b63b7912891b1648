import { parse, TomlError } from 'smol-toml';
import {
  type Definition,
  definitions,
  type Level,
  type Settings,
  sections,
  settingsSchema,
  suggestion,
} from './config.ts';
import { reason, SpecstoryError } from './errors.ts';
import { isObject } from './json.ts';
import { tomlStatements } from './toml-statements.ts';

/**
 * The settings in the text of a configuration file. Strict, because a misspelt rule would protect nothing.
 * Throws `config` with file, line and key for what is not TOML, an unknown key, a value of the wrong type,
 * and what a file that is committed must not say.
 */
export function parseConfig(text: string, file: string, level: Level): Settings {
  const document = read(text, file);
  const settings: Record<string, Record<string, unknown>> = {};
  for (const [section, content] of Object.entries(document)) {
    const values = isObject(content) ? Object.entries(content) : [];
    if (!Object.hasOwn(sections, section) && values.length === 0) {
      throw refused({ text, file, path: [section] }, unknown(section, level));
    }
    if (!isObject(content))
      throw refused(
        { text, file, path: [section] },
        { what: `${section} must be a table`, hint: `write: [${section}]` },
      );
    for (const [name, value] of values) {
      const definition = definitions.find(({ key }) => key === `${section}.${name}`);
      const place = { text, file, path: [section, name] };
      if (!definition) throw refused(place, unknown(`${section}.${name}`, level));
      const known = settings[definition.section] ?? {};
      settings[definition.section] = { ...known, [definition.name]: checked(definition, value, level, place) };
    }
  }
  return settingsSchema.parse(settings);
}

function read(text: string, file: string): Record<string, unknown> {
  if (text.length > 256 << 10) throw new SpecstoryError('config', `${file} is larger than 256 kB`);
  try {
    return parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const line = cause instanceof TomlError ? `:${cause.line}` : '';
    const why = reason(cause instanceof TomlError ? cause.message.split('\n')[0] : cause);
    throw new SpecstoryError('config', `${file}${line}: ${why}`, { cause });
  }
}

interface Place {
  readonly text: string;
  readonly file: string;
  readonly path: readonly string[];
}

interface Complaint {
  readonly what: string;
  readonly hint: string;
}

function checked({ key, schema, levels }: Definition, value: unknown, level: Level, place: Place): unknown {
  const weakens = !levels.includes(level) || (level === 'project' && key === 'redaction.entropy' && value === false);
  if (weakens) {
    const hint =
      'a committed file cannot weaken redaction; each person may, in their own file: specstory config --level user';
    throw refused(place, {
      what: `${key} ${value === false ? 'cannot be switched off' : 'cannot be set'} in a project file`,
      hint,
    });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = (issue?.path ?? [])
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  throw refused(place, { what: `${key}${where}: ${issue?.message ?? 'wrong value'}`, hint: meaningOf(key) });
}

function meaningOf(key: string): string {
  return `${key}: ${definitions.find((definition) => definition.key === key)?.meaning ?? ''}`;
}

/** A committed file that tries to name a program or a server is told why there is no such key. */
function unknown(key: string, level: Level): Complaint {
  const reaches =
    level === 'project' && /command|program|exec|binary|path_to|server|host|url|remote|endpoint|token|proxy/i.test(key);
  const rule = 'a committed file cannot name a program to run or a server to send to';
  return { what: `unknown key ${key}`, hint: reaches ? rule : suggestion(key) };
}

function refused({ text, file, path }: Place, { what, hint }: Complaint): SpecstoryError {
  const line = lineOf(text, path);
  return new SpecstoryError('config', `${file}${line === undefined ? '' : `:${line}`}: ${what}`, { hint });
}

/** The line of the first statement that gives `path`, or of the one around it. */
function lineOf(text: string, path: readonly string[]): number | undefined {
  const statements = tomlStatements(text);
  const covers = (length: number) =>
    statements.find((statement) => path.slice(0, length).every((name, index) => statement.path[index] === name));
  return (covers(path.length) ?? covers(1))?.line;
}
