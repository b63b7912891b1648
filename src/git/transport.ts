import type { Child, Environment } from '../platform/process.ts';
import { attachGit, startGitAsCalled } from './run-as-called.ts';

interface Caller {
  readonly cwd: string;
  readonly env: Environment;
}

/** What a push is told by `option` lines of gitremote-helpers(7). */
export interface SendPackOptions {
  readonly progress: boolean;
  /** 0: only errors; 1: usual; more: talkative. */
  readonly verbosity: number;
  readonly dryRun: boolean;
  readonly atomic: boolean;
  readonly forceIfIncludes: boolean;
  /** `<ref>:<object id>`: what the ref must be on the server. */
  readonly leases: readonly string[];
  readonly pushOptions: readonly string[];
}

/** What git may hold in memory while it makes a pack, however large the history is. */
const bounded = [
  'pack.windowMemory=16m',
  'pack.deltaCacheSize=32m',
  'core.packedGitWindowSize=16m',
  'core.packedGitLimit=64m',
];

/**
 * Starts `git send-pack` as git's own HTTP transport does: standard input gets refspecs and advertisement, later the answer; standard output
 * gives the request in packets, later a status per ref. `url` is for its messages only.
 */
export function startSendPack(url: string, options: SendPackOptions, caller: Caller): Promise<Child> {
  const { progress, verbosity, dryRun, atomic, forceIfIncludes, leases, pushOptions } = options;
  const args = [
    ...bounded.flatMap((setting) => ['-c', setting]),
    'send-pack',
    ...['--stateless-rpc', '--helper-status', '--thin', '--no-signed', '--stdin'],
    progress ? '--progress' : '--no-progress',
    ...(verbosity === 0 ? ['--quiet'] : verbosity > 1 ? ['--verbose'] : []),
    ...(dryRun ? ['--dry-run'] : []),
    ...(atomic ? ['--atomic'] : []),
    ...leases.map((lease) => `--force-with-lease=${lease}`),
    ...(forceIfIncludes ? ['--force-if-includes'] : []),
    ...pushOptions.map((option) => `--push-option=${option}`),
    url,
  ];
  return startGitAsCalled(args, { ...caller, loud: true });
}

/** Starts git's own helper for an http or https address; its errors are kept. */
export function startRemoteHttp(remote: string, url: string, caller: Caller): Promise<Child> {
  return startGitAsCalled(remoteHttp(remote, url), caller);
}

/** Lets git's own helper take our place; gives its exit code. */
export function attachRemoteHttp(remote: string, url: string, caller: Caller): Promise<number> {
  return attachGit(remoteHttp(remote, url), caller);
}

function remoteHttp(remote: string, url: string): string[] {
  return [new URL(url).protocol === 'https:' ? 'remote-https' : 'remote-http', remote, url];
}
