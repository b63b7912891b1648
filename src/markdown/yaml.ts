/// <reference path="./js-yaml.d.ts" />
import yaml from 'js-yaml';
import { SpecstoryError } from '../core/errors.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';

const scalar = (name: string, is: (text: string | null) => boolean, make: (text: string | null) => unknown) =>
  new yaml.Type(`tag:yaml.org,2002:${name}`, { kind: 'scalar', resolve: is, construct: make });

/**
 * A plain scalar is null, a boolean or a number only where it is written the one way JSON would write it. Dates,
 * `0123`, `1e3`, `yes` and a number with more digits than a double holds stay the text they were. There are no tags
 * beyond text, list and map.
 */
const schema = new yaml.Schema({
  include: [yaml.FAILSAFE_SCHEMA],
  implicit: [
    scalar(
      'null',
      (text) => text === null || text === 'null' || text === '~',
      () => null,
    ),
    scalar(
      'bool',
      (text) => text === 'true' || text === 'false',
      (text) => text === 'true',
    ),
    scalar('float', (text) => text !== null && Number.isFinite(Number(text)) && String(Number(text)) === text, Number),
  ],
});

/** The map in a YAML text. Throws on an anchor (so there is no alias), a duplicate key, a foreign tag,
 * a tab as indentation (js-yaml would take it for text) and on what is not a map. */
export function parseYaml(text: string): object {
  if (/^\t/m.test(text)) throw new SpecstoryError('unsupported', 'a tab at the start of a line of YAML');
  const value = yaml.load(text, {
    schema,
    listener: (_event, state) => {
      if (Object.keys(state.anchorMap).length > 0) throw new SpecstoryError('unsupported', 'an anchor (&) in YAML');
    },
  });
  if (!isObject(value)) throw new SpecstoryError('unsupported', 'YAML that is not a map of keys and values');
  return value;
}

/**
 * An object as YAML: one key per line, lists and maps inside a line as JSON writes them. A text is plain only where
 * every version of YAML reads it as that text, and a JSON string otherwise.
 */
export function formatYaml(data: JsonObject): string {
  return Object.entries(data)
    .map(([key, value]) => `${text(key)}: ${flow(value)}\n`)
    .join('');
}

function flow(value: Json): string {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, item]) => `${text(key)}: ${flow(item)}`);
  return `{${pairs.join(', ')}}`;
}

const plain = /^[A-Za-z/](?:[\w./@+-]| (?=[A-Za-z]))*$/;
const meaning = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
/** What JSON leaves as it is and YAML does not allow, or takes for the end of a line. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function text(value: string): string {
  if (value.length <= 200 && plain.test(value) && !meaning.test(value)) return value;
  return JSON.stringify(value).replace(unprintable, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
