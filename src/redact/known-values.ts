import { secretWordOf } from './names.ts';
import { isStandIn } from './placeholder.ts';

/** A value that must not be seen anywhere: from an environment file, a credentials file, the environment itself. Held in memory only. */
export interface KnownValue {
  /** At least 8 characters; shorter ones are not looked for. */
  readonly value: string;
  /** The rule it is shown as: lower case letters, digits and `-`. */
  readonly rule: string;
}

const assignment =
  /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*[=:][ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|`([^`]*)`|(.*))/gm;

/** The secrets of an environment file (`.env`): values of names such as `API_KEY` and passwords inside addresses. */
export function fromDotenv(text: string): KnownValue[] {
  const pairs = [...text.matchAll(assignment)].map(([, name = '', double, single, back, bare]): [string, string] => {
    const unescaped = double?.replace(
      /\\([nrt"\\$])/g,
      (_, char: string) => ({ n: '\n', r: '\r', t: '\t' })[char] ?? char,
    );
    return [name, unescaped ?? single ?? back ?? (bare ?? '').replace(/[ \t]#.*$/, '').trim()];
  });
  return fromPairs(pairs);
}

/** The secrets of an `.npmrc`: tokens and passwords of registries, the passwords also decoded. */
export function fromNpmrc(text: string): KnownValue[] {
  const values = [...text.matchAll(/:?_(authToken|auth|password)[ \t]*=[ \t]*["']?([^\s"']+)/g)];
  return values.flatMap(([, kind = '', value = '']) => {
    const decoded = kind === 'authToken' ? '' : decode(value);
    const password = kind === 'auth' ? decoded.slice(decoded.indexOf(':') + 1) : decoded;
    return [...known(value, 'known-npmrc'), ...known(password, 'known-npmrc')];
  });
}

/** The passwords of a `.netrc`. */
export function fromNetrc(text: string): KnownValue[] {
  const passwords = text.matchAll(/\b(?:password|account)\s+(?:"([^"]*)"|(\S+))/g);
  return [...passwords].flatMap(([, quoted, bare]) => known(quoted ?? bare ?? '', 'known-netrc'));
}

/** The secrets of files with sections and `key = value` lines: `~/.aws/credentials`, `.pypirc`, `.my.cnf`, `.s3cfg`. */
export function fromIni(text: string): KnownValue[] {
  return fromDotenv(text.replace(/^[ \t]*[[;#].*$/gm, ''));
}

/** The secrets among variables of the environment, by their names. */
export function fromEnvironment(env: Readonly<Record<string, string>>): KnownValue[] {
  return fromPairs(Object.entries(env));
}

function fromPairs(pairs: readonly (readonly [name: string, value: string])[]): KnownValue[] {
  return pairs.flatMap(([name, value]) => {
    const rule = `known-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 60).replace(/-+$/, '');
    const inAddress = /:\/\/[^\s:@/]*:([^\s@/]+)@/.exec(value)?.[1];
    if (inAddress !== undefined) return [...known(inAddress, rule), ...known(percentDecoded(inAddress), rule)];
    return isSecretName(name) ? known(value, rule) : [];
  });
}

const more = /(?:^|[_.-])(?:auth|sas|dsn|salt|pat|pw|key|conn(?:ection)?_?str(?:ing)?)$/i;

/** Wider than in a transcript: who keeps a value in such a file under such a name keeps it for himself. */
function isSecretName(name: string): boolean {
  return secretWordOf(name) !== undefined || (more.test(name) && !/public/i.test(name));
}

/** A value that is long and odd enough to be looked for everywhere without hitting ordinary text. */
function known(value: string, rule: string): KnownValue[] {
  if (value.length < 8 || isStandIn(value) || ordinary.test(value)) return [];
  return [{ value, rule }];
}

const ordinary =
  /^(?:[\d.,:_-]+|[a-z][\w+.-]*:\/\/[^@]*|(?:~|\.{1,2}|[A-Za-z]:)?[\\/][\w .\\/@-]*|[A-Za-z]+|(?:true|false|yes|no|on|off)\b.*)$/;

function decode(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
