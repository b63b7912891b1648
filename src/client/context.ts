import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Adapter, Project } from '../adapters/adapter.ts';
import { adapters } from '../adapters/index.ts';
import type { Config } from '../core/config.ts';
import { SpecstoryError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { nodeHost, type Problem } from '../platform/host.ts';
import type { Redactor } from '../redact/redactor.ts';
import { loadConfig } from './settings/config.ts';
import { openRedactor } from './settings/open-redactor.ts';

/** What every use case works with: the repository, the machine around it, and what the person configured. */
export interface Context {
  readonly repository: Repository;
  readonly project: Project;
  readonly host: Host;
  readonly config: Config;
  /** The adapters that the configuration allows. */
  readonly adapters: readonly Adapter[];
  readonly redactor: Redactor;
  /** Folders and files that could not be looked at so far. */
  readonly problems: readonly Problem[];
  /** Whether `specstory init` was run here. */
  readonly isInitialised: boolean;
  /** Our folder in the common git directory, shared by all worktrees. */
  readonly folder: string;
  /** A file or folder in it. */
  place(name: string): string;
}

export interface ContextOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Opens the repository around `cwd` with everything a use case needs. Throws when it is none, or when a configuration file is wrong. */
export async function openContext(options: ContextOptions): Promise<Context> {
  const repository = await openRepository(options.cwd);
  const problems: Problem[] = [];
  const host = nodeHost({ env: options.env, report: (problem) => problems.push(problem) });
  const config = loadConfig({ host, root: repository.root });
  const folder = join(repository.commonDir, 'specstory');
  let redactor: Redactor | undefined;
  return {
    repository,
    project: { roots: [...new Set(repository.roots.flatMap((root) => [root, host.files.real(root)]))] },
    host,
    config,
    adapters: chosen(config),
    // Made when it is first needed: `list` and `status` never redact.
    get redactor() {
      redactor ??= openRedactor(host, config, repository.roots);
      return redactor;
    },
    problems,
    get isInitialised() {
      return existsSync(join(folder, 'writer'));
    },
    folder,
    place: (name) => join(folder, name),
  };
}

/** As `openContext`, for a repository that was set up with `specstory init`. */
export async function openInitialised(options: ContextOptions): Promise<Context> {
  const context = await openContext(options);
  if (context.isInitialised) return context;
  const hint = 'run: specstory init';
  throw new SpecstoryError('usage', `nothing is captured for ${context.repository.root} yet`, { hint });
}

function chosen(config: Config): readonly Adapter[] {
  const { agents } = config.capture;
  return agents.length === 0 ? adapters : adapters.filter((adapter) => agents.includes(adapter.id));
}
