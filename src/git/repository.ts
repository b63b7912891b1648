import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SpecstoryError } from '../core/errors.ts';
import { gitError } from './errors.ts';
import { placeOf, runGit, tryGit } from './run.ts';

/** A repository: with a working tree, as the person stands in it, or a hosted one. All paths are absolute. */
export interface Repository {
  /** The top of the working tree. */
  readonly root: string;
  /** The git directory of this working tree; below `commonDir` when it is a linked one. */
  readonly gitDir: string;
  /** The git directory that all working trees share: objects, refs and what we keep. */
  readonly commonDir: string;
  /** The tops of all working trees, this one first; some may be gone from the disk. */
  readonly roots: readonly string[];
  readonly objectFormat: 'sha1' | 'sha256';
  /** One that a server keeps for others: bare, without working trees, and no configuration but ours counts. */
  readonly hosted?: true;
}

const questions = ['--is-bare-repository', '--show-object-format', '--git-dir', '--git-common-dir', '--show-toplevel'];

/**
 * The repository around `cwd`, by one `git rev-parse`. Variables of a calling hook (`GIT_DIR`, `GIT_INDEX_FILE` …) are ignored.
 * Throws `not-found` outside a repository, `unsupported` for a bare one and inside `.git`, `denied` when git does not trust its owner.
 */
export async function openRepository(cwd: string): Promise<Repository> {
  const args = ['rev-parse', '--path-format=absolute', ...questions];
  const outcome = await tryGit(args, { cwd, timeout: 10_000, maxBytes: 1 << 20 });
  const [bare, objectFormat, gitDir, commonDir, root, ...more] = outcome.stdout.toString('utf8').split('\n');
  if (bare === 'true') {
    const hint = 'history is captured where the code is edited: run this in a clone with a working tree';
    throw new SpecstoryError('unsupported', `the repository at ${cwd} is bare`, { hint });
  }
  if (outcome.code !== 0) throw gitError(args, cwd, outcome);
  if (!gitDir || !commonDir || !root || more.length !== 1) {
    const hint = 'rename the folder: its path holds a line break';
    throw new SpecstoryError('unsupported', `cannot work in the repository at ${JSON.stringify(cwd)}`, { hint });
  }
  const roots = [...new Set([root, ...mainRoot(commonDir), ...linkedRoots(commonDir)])];
  return { root, gitDir, commonDir, roots, objectFormat: objectFormat === 'sha256' ? 'sha256' : 'sha1' };
}

function mainRoot(commonDir: string): string[] {
  return path.basename(commonDir) === '.git' ? [path.dirname(commonDir)] : [];
}

/** From `worktrees/<name>/gitdir`, which holds the path of the `.git` file of a linked working tree. */
function linkedRoots(commonDir: string): string[] {
  const folder = path.join(commonDir, 'worktrees');
  return quietly(() => readdirSync(folder), []).flatMap((name) => {
    const file = quietly(() => readFileSync(path.join(folder, name, 'gitdir'), 'utf8'), '').replace(/\r?\n$/, '');
    return path.basename(file) === '.git' ? [path.dirname(path.resolve(folder, name, file))] : [];
  });
}

function quietly<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

type ConfigScope = 'system' | 'global' | 'local' | 'worktree';

/** One setting of git's configuration. */
interface Setting {
  /** Section and name in lower case, subsection as written. */
  readonly name: string;
  /** `true` for a name without a value, as git reads it. */
  readonly value: string;
  readonly scope: ConfigScope;
}

/** git's configuration as it applies to a repository, includes followed. */
export interface Config {
  /** The value that counts: the last one. */
  get(name: string): string | undefined;
  /** Every setting in git's order, of one name when it is given. */
  all(name?: string): readonly Setting[];
}

/** The configuration that applies to a repository, by one `git config --list`. */
export async function readConfig(repository: Repository): Promise<Config> {
  const output = await runGit(['config', '--list', '-z', '--show-scope'], placeOf(repository));
  return config(parseSettings(output.toString('utf8')));
}

function config(settings: readonly Setting[]): Config {
  const all = (name?: string): readonly Setting[] =>
    name === undefined ? settings : settings.filter((setting) => setting.name === name);
  return { all, get: (name) => all(name).at(-1)?.value };
}

/** Records are `scope NUL name LF value NUL`. The scope `command` is what we set ourselves. */
function parseSettings(text: string): Setting[] {
  const fields = text.split('\0');
  const settings: Setting[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [scope, entry = ''] = [fields[at], fields[at + 1]];
    const cut = entry.indexOf('\n');
    const [name, value] = cut < 0 ? [entry, 'true'] : [entry.slice(0, cut), entry.slice(cut + 1)];
    if (isScope(scope)) settings.push({ name, value, scope });
  }
  return settings;
}

function isScope(text: string | undefined): text is ConfigScope {
  return text === 'system' || text === 'global' || text === 'local' || text === 'worktree';
}
