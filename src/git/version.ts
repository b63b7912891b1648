import { runGit } from './run.ts';

/** The version of git that `cwd` gets: major and minor. */
export async function gitVersion(cwd: string): Promise<readonly [major: number, minor: number]> {
  const text = (await runGit(['version'], { cwd, timeout: 10_000 })).toString('utf8');
  const match = /(\d+)\.(\d+)/.exec(text);
  return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
}
