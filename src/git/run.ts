import path from 'node:path';
import { type Child, type Environment, type Outcome, run, start } from '../platform/process.ts';
import { gitBinary } from './binary.ts';
import { gitError } from './errors.ts';
import type { Limits } from './limits.ts';

/** Where git works. */
export interface Place {
  readonly cwd: string;
  /** The git directory, when it is known; without it git looks for one from `cwd` upwards. */
  readonly gitDir?: string;
  /** A repository that a server keeps for others: neither the configuration of a person nor of the machine is read. */
  readonly hosted?: true;
}

interface GitOptions extends Place {
  /** More `name=value` settings for this command. Never text of a user or of a repository. */
  readonly config?: readonly string[];
  /** Transports that may be used (`https`, `ssh` …). None unless named: not even to fetch a missing object. */
  readonly protocols?: readonly string[];
  /** More variables for this command (a token, a trace file). */
  readonly env?: Environment;
  readonly input?: string | Uint8Array;
  /** Milliseconds; 60,000 unless told. */
  readonly timeout?: number;
  /** Bytes of output; 256 MiB unless told. */
  readonly maxBytes?: number;
  readonly limits?: Limits;
  /** Hears what git says on standard error, as it comes. */
  readonly onStderr?: (chunk: Buffer) => void;
}

/** The place of a repository whose git directory is known. */
export type OpenPlace = Required<Pick<Place, 'cwd' | 'gitDir'>> & Pick<Place, 'hosted'>;

/** The place of a repository that was opened: git need not look for it again, and cannot find another one. */
export function placeOf(repository: {
  readonly root: string;
  readonly gitDir: string;
  readonly hosted?: true;
}): OpenPlace {
  const { root, gitDir, hosted } = repository;
  return { cwd: root, gitDir, ...(hosted ? { hosted } : {}) };
}

/** Settings that keep a repository's own configuration from running programs or starting work behind our back. */
const quiet = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.pager=cat',
  'core.attributesFile=/dev/null',
  'core.askPass=',
  'diff.external=',
  'gc.auto=0',
  'maintenance.auto=false',
  'log.showSignature=false',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
];

/** More settings where others push: what arrives is checked, and memory stays bounded whatever it is. */
const guarded = [
  'transfer.fsckObjects=true',
  'core.protectNTFS=true',
  'core.protectHFS=true',
  'core.bigFileThreshold=1m',
  'core.packedGitWindowSize=32m',
  'core.packedGitLimit=256m',
  'pack.threads=1',
  'pack.windowMemory=64m',
  'core.logAllRefUpdates=false',
];

/** Variables that say where the person's configuration is. All others of git belong to the hook or the shell that called us. */
const kept = new Set(['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM', 'GIT_CEILING_DIRECTORIES']);

/** Runs git and gives its output. `args` are a fixed template; values from outside come after `--` or `--end-of-options`. Throws what `gitError` makes of a failure. */
export async function runGit(args: readonly string[], options: GitOptions): Promise<Buffer> {
  const outcome = await tryGit(args, options);
  if (outcome.code !== 0) throw gitError(args, options.cwd, outcome);
  return outcome.stdout;
}

/** Runs git and gives its outcome, whatever the exit code. */
export function tryGit(args: readonly string[], options: GitOptions): Promise<Outcome> {
  const { cwd, input, onStderr, timeout = 60_000, maxBytes = 256 << 20 } = options;
  const bounds = { cwd, env: environment(options), timeout, maxBytes, onStderr };
  const [program, words] = commandLine(args, options);
  return run(program, words, input === undefined ? bounds : { ...bounds, input });
}

/** Starts git for as long as the caller needs it. */
export function startGit(args: readonly string[], options: GitOptions): Promise<Child> {
  const [program, words] = commandLine(args, options);
  return start(program, words, { cwd: options.cwd, env: environment(options), onStderr: options.onStderr });
}

/** The program to start and its arguments: git, behind a shell that sets the limits where there are any. */
function commandLine(args: readonly string[], options: GitOptions): [string, string[]] {
  // The folders of a server come and go, and none of them holds a git of its own.
  const git = gitBinary(options.hosted ? path.parse(options.cwd).root : options.cwd);
  const words = arguments_(args, options);
  if (!options.limits || process.platform === 'win32') return [git, words];
  const { memory, cpu } = options.limits;
  return ['/bin/sh', ['-c', limiting, 'sh', String(Math.ceil(memory / 1024)), String(cpu), git, ...words]];
}

/** A system that knows one of the limits not (macOS has no `-v`) goes without it. */
const limiting = 'ulimit -v "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null; shift 2; exec "$@"';

function arguments_(args: readonly string[], { gitDir, hosted, config = [] }: GitOptions): string[] {
  const own = hosted && gitDir !== undefined ? [...guarded, `safe.directory=${gitDir}`] : [];
  const settings = [...quiet, ...own, ...config].flatMap((setting) => ['-c', setting]);
  const place = gitDir === undefined ? [] : [`--git-dir=${gitDir}`];
  return [
    '--no-pager',
    '--no-optional-locks',
    '--no-replace-objects',
    '--literal-pathspecs',
    ...place,
    ...settings,
    ...args,
  ];
}

/** What a git sees that works for others: nothing of the person who started the server. */
const bare = {
  HOME: '/nonexistent',
  XDG_CONFIG_HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
};

function inherited(): Environment {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name) || kept.has(name)));
}

function environment({ hosted, protocols = [], env = {} }: GitOptions): Environment {
  return {
    ...(hosted
      ? { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, SYSTEMROOT: process.env.SYSTEMROOT, ...bare }
      : inherited()),
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: protocols.join(':'),
    ...(protocols.length === 0 ? { GIT_NO_LAZY_FETCH: '1' } : {}),
    ...env,
  };
}
