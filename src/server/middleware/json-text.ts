import { visit } from 'jsonc-parser';
import { storable } from '../../core/text.ts';
import { Refusal } from '../refusal.ts';

/** How deep JSON from outside may be nested: a parser or a writer that recurses would overflow on more. */
const deepest = 64;

/**
 * The value of a JSON text from outside, as every program would read it. Throws `bad_request` with the place for what two parsers may
 * see differently: a name twice in an object, integers above 2^53, numbers that are infinite, a byte order mark, text that is not UTF-8; and for
 * more than 64 levels, and the name `__proto__`. NUL and lone surrogates become visible stand-ins.
 */
export function readJson(bytes: Uint8Array): unknown {
  const text = decoded(bytes);
  refuseDeep(text);
  const value = parsed(text);
  refuseAmbiguous(text);
  return sound(value);
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Refusal('bad_request', 'the body is not UTF-8', { cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal('bad_request', 'the body is not JSON', { cause });
  }
}

/** Looks at brackets outside of strings only, before anything that recurses sees the text. */
function refuseDeep(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]+|\\.)*"?|[[{]|[\]}]/gs)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > deepest) throw new Refusal('bad_request', `the body is nested more than ${deepest} levels deep`);
  }
}

function refuseAmbiguous(text: string): void {
  const names: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void names.push(new Set()),
    onObjectEnd: () => void names.pop(),
    onObjectProperty: (name, _offset, _length, _line, _column, path) => {
      const known = names.at(-1);
      if (name === '__proto__' || known?.has(name)) throw refused(`a name that cannot be used`, [...path(), name]);
      known?.add(name);
    },
    onLiteralValue: (value, offset, length, _line, _column, path) => {
      if (typeof value !== 'number') return;
      const whole = /^-?\d+$/.test(text.slice(offset, offset + length));
      if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value)))
        throw refused('a number that programs read differently', path());
    },
  });
}

function refused(what: string, path: readonly (string | number)[]): Refusal {
  return new Refusal('bad_request', `${what} at ${path.join('.') || 'the top'}`);
}

function sound(value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (Array.isArray(value)) return value.map(sound);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storable(name), sound(inner)]));
}
