import { attach, type Child, type Environment, type Outcome, run, start } from '../platform/process.ts';
import { gitBinary } from './binary.ts';
import { gitError } from './errors.ts';

/** Where git works. */
export interface Place {
  readonly cwd: string;
  /** The git directory, when it is known; without it git looks for one from `cwd` upwards. */
  readonly gitDir?: string;
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
}

/** The place of a repository that was opened: git need not look for it again, and cannot find another one. */
export function placeOf(repository: { readonly root: string; readonly gitDir: string }): Place {
  return { cwd: repository.root, gitDir: repository.gitDir };
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
  const { cwd, input, timeout = 60_000, maxBytes = 256 << 20 } = options;
  const limits = { cwd, env: environment(options), timeout, maxBytes };
  return run(gitBinary(cwd), arguments_(args, options), input === undefined ? limits : { ...limits, input });
}

/** Starts git for as long as the caller needs it. */
export function startGit(args: readonly string[], options: GitOptions): Promise<Child> {
  return start(gitBinary(options.cwd), arguments_(args, options), { cwd: options.cwd, env: environment(options) });
}

/** git in the place and with the settings, traces and language of the git that called us: for the remote helper. */
interface CalledOptions {
  readonly cwd: string;
  readonly env: Environment;
}

/** Runs git as the git that called us would, and gives its outcome. Nothing is kept from it, so no text of a repository goes in here. */
export function tryGitAsCalled(args: readonly string[], options: CalledOptions): Promise<Outcome> {
  return run(gitBinary(options.cwd), args, { ...options, timeout: 10_000, maxBytes: 1 << 20 });
}

/** Starts git as the git that called us would; what it says goes to our standard error when it is `loud`. */
export function startGitAsCalled(
  args: readonly string[],
  options: CalledOptions & { readonly loud?: boolean },
): Promise<Child> {
  return start(gitBinary(options.cwd), args, options);
}

/** Lets git take our place: our streams are its streams. Gives its exit code. */
export function attachGit(args: readonly string[], options: CalledOptions): Promise<number> {
  return attach(gitBinary(options.cwd), args, options);
}

function arguments_(args: readonly string[], { gitDir, config = [] }: GitOptions): string[] {
  const settings = [...quiet, ...config].flatMap((setting) => ['-c', setting]);
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

function environment({ protocols = [], env = {} }: GitOptions): Environment {
  const inherited = Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name) || kept.has(name));
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: protocols.join(':'),
    ...(protocols.length === 0 ? { GIT_NO_LAZY_FETCH: '1' } : {}),
    ...env,
  };
}
