import type { SendPackOptions } from '../git/transport.ts';
import { unquote } from './c-quote.ts';

/** What a push was told so far. */
export type PushOptions = { -readonly [Name in keyof SendPackOptions]: SendPackOptions[Name] };

export function pushOptions(): PushOptions {
  return {
    progress: false,
    verbosity: 1,
    dryRun: false,
    atomic: false,
    forceIfIncludes: false,
    leases: [],
    pushOptions: [],
  };
}

type Answer = 'ok' | 'unsupported' | `error ${string}`;

/**
 * Takes `<name> <value>` of an `option` line (gitremote-helpers(7)) and gives our answer; nothing for an option that only a fetch has.
 */
export function setPushOption(options: PushOptions, line: string): Answer | undefined {
  const [, name = '', quoted = ''] = /^(\S+)(?: (.*))?$/s.exec(line) ?? [];
  const value = unquote(quoted);
  if (value === undefined) return 'error the value is not quoted as it should be';
  const set = setters[name];
  return set?.(options, value);
}

type Setter = (options: PushOptions, value: string) => Answer;

const setters: Readonly<Record<string, Setter>> = {
  progress: switched('progress'),
  'dry-run': switched('dryRun'),
  atomic: switched('atomic'),
  'force-if-includes': switched('forceIfIncludes'),
  verbosity: (options, value) => {
    if (!/^\d{1,6}$/.test(value)) return 'error verbosity is a number';
    options.verbosity = Number(value);
    return 'ok';
  },
  cas: (options, value) => {
    options.leases = [...options.leases, value];
    return 'ok';
  },
  'push-option': (options, value) => {
    options.pushOptions = [...options.pushOptions, value];
    return 'ok';
  },
  // git 2.39 says the name alone, from 2.45 on it says `true`; the hash itself is in the answer to `list`.
  'object-format': (_options, value) => (value === '' || value === 'true' ? 'ok' : 'unsupported'),
  // A signature that the server asks for is not ours to make, and no server of ours asks.
  pushcert: (_options, value) => (value === 'true' ? 'unsupported' : 'ok'),
  family: () => 'unsupported',
};

function switched(name: 'progress' | 'dryRun' | 'atomic' | 'forceIfIncludes'): Setter {
  return (options, value) => {
    if (value !== 'true' && value !== 'false') return 'error it is true or false';
    options[name] = value === 'true';
    return 'ok';
  };
}
