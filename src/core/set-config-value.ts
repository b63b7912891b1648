import { stringify } from 'smol-toml';
import { configKey, type Level } from './config.ts';
import { SpecstoryError } from './errors.ts';
import { isObject } from './json.ts';
import { parseConfig } from './parse-config.ts';
import { parseToml, type Statement, tomlStatements } from './toml-statements.ts';

/** The value that a person typed for a key: TOML where it is TOML, else a word, or words with commas for a list. Throws `usage`. */
export function readConfigValue(key: string, typed: string): unknown {
  const { schema, meaning } = configKey(key);
  const words = typed.split(',').map((word) => word.trim());
  const readings: unknown[] = [parseToml(`value = ${typed}`)?.value, typed, words.filter((word) => word !== '')];
  const value = readings.find((reading) => schema.safeParse(reading).success);
  if (value !== undefined) return value;
  throw new SpecstoryError('usage', `${typed} is not a value of ${key}`, { hint: meaning });
}

/**
 * The text of a configuration file with one key set. Everything else stays as it is, comments and order included.
 * Throws `usage` for an unknown key, and `config` when the level may not set it or the file is not one we can edit.
 */
export function setConfigValue(
  text: string,
  key: string,
  value: unknown,
  target: { file: string; level: Level },
): string {
  const { schema } = configKey(key);
  if (!schema.safeParse(value).success) throw new SpecstoryError('usage', `that is not a value of ${key}`);
  parseConfig(text, target.file, target.level);
  const after = edited(
    text,
    key.split('.'),
    stringify({ value })
      .replace(/^value = /, '')
      .trimEnd(),
  );
  if (after !== undefined && isOnlyChange(text, after, key, value)) {
    parseConfig(after, target.file, target.level);
    return after;
  }
  const hint = `write it there by hand: ${key}`;
  throw new SpecstoryError('config', `cannot set ${key} in ${target.file} without rewriting it`, { hint });
}

function edited(text: string, path: readonly string[], value: string): string | undefined {
  const statements = tomlStatements(text);
  const [section, name] = path;
  const same = statements.find(({ kind, path: other }) => kind === 'key' && other.join('.') === path.join('.'));
  if (same) return text.slice(0, same.start) + replaced(text.slice(same.start, same.end), value) + text.slice(same.end);
  const header = statements.find(({ kind, path: other }) => kind === 'table' && other.join('.') === section);
  if (header) return inserted(text, lastOf(statements, header), `${name} = ${value}`);
  const dotted = statements.findLast(
    ({ kind, path: other }) => kind === 'key' && other[0] === section && other.length > 1,
  );
  if (dotted) return inserted(text, dotted, `${section}.${name} = ${value}`);
  const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n';
  return `${text}${gap}[${section}]\n${name} = ${value}\n`;
}

/** The last statement below a header. */
function lastOf(statements: readonly Statement[], header: Statement): Statement {
  const at = statements.indexOf(header);
  const next = statements.findIndex((statement, index) => index > at && statement.kind === 'table');
  return statements[(next < 0 ? statements.length : next) - 1] ?? header;
}

function inserted(text: string, after: Statement, line: string): string {
  const rest = text.slice(after.end);
  const [end = ''] = /\r?\n/.exec(rest) ?? [];
  const at = after.end + (end === '' ? rest.length : rest.indexOf(end) + end.length);
  return `${text.slice(0, at)}${end === '' ? '\n' : ''}${line}${end || '\n'}${text.slice(at)}`;
}

/** A statement with another value; a comment behind the value stays. */
function replaced(statement: string, value: string): string {
  const equals = statement.search(/=/);
  const [before, old] = [statement.slice(0, equals + 1), statement.slice(equals + 1)];
  const cuts = [...old.matchAll(/\s*(?:#|$)/g)].map((match) => match.index);
  const end = cuts.find((cut) => parseToml(`value =${old.slice(0, cut)}`) !== undefined) ?? old.length;
  return `${before} ${value}${old.slice(end)}`;
}

/** Whether `after` says what `before` said but for the key, and of the key what was asked for. The last word of an editor that works on text. */
function isOnlyChange(before: string, after: string, key: string, value: unknown): boolean {
  const [section = '', name = ''] = key.split('.');
  const parts = [before, after].map((text) => {
    const document = { ...parseToml(text) };
    const { [name]: held, ...others } = isObject(document[section]) ? document[section] : {};
    const { [section]: _, ...rest } = document;
    return { held: JSON.stringify(held), rest: JSON.stringify([rest, others]) };
  });
  return parts[1]?.held === JSON.stringify(value) && parts[0]?.rest === parts[1]?.rest;
}
