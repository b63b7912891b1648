import { attach, type Child, type Environment, type Outcome, run, start } from '../platform/process.ts';
import { gitBinary } from './binary.ts';

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
