import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FileEdit } from '../../adapters/adapter.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { packageFolder } from '../package-folder.ts';
import { agentCommand, nodeSpellings } from './hook-script.ts';
import type { InstallOptions } from './install.ts';
import { applyInstall, type Plan, planInstall } from './install.ts';
import { readRecord } from './install-record.ts';
import { applyUninstall, planUninstall } from './uninstall.ts';

export interface SetupOptions {
  /** Also have the agents call us after each turn. */
  readonly agentHooks: boolean;
}

/** What `init` would change, to be shown before it is done. */
export async function planSetup(context: Context, options: SetupOptions): Promise<Plan> {
  return planInstall(context.repository, installOptions(context, options.agentHooks));
}

/** Sets a repository up: a writer of its own, then the hooks. */
export async function setUp(context: Context, plan: Plan): Promise<void> {
  await writerOf(context);
  await applyInstall(plan);
}

/** What `uninit` would change. Settings of agents only where this repository's own `init` changed them. */
export function planRemoval(context: Context): Plan {
  const changed = readRecord(context.repository.commonDir)?.files;
  const edits = agentEdits(context).filter(({ path }) => changed?.has(path));
  return planUninstall(context.repository, edits);
}

/** Takes everything away that `init` made, but for the history: that goes only when a person deletes the ref. */
export async function takeDown(context: Context, plan: Plan): Promise<void> {
  await applyUninstall(plan);
  rmSync(context.folder, { recursive: true, force: true });
}

/** What the installer needs to know of this machine and this package. */
export function installOptions(context: Context, agentHooks: boolean): InstallOptions {
  const template = (name: string) => readFileSync(join(packageFolder(), 'hooks', name), 'utf8');
  const nodes = nodeSpellings(process.execPath, context.host.env('PATH') ?? '', context.repository.roots);
  return {
    templates: { hook: template('git-hook'), block: template('block') },
    programs: { nodes, worker: join(packageFolder(), 'dist', 'worker.cjs') },
    home: context.host.home,
    ...(agentHooks ? { edits: agentEdits(context) } : {}),
  };
}

function agentEdits(context: Context): FileEdit[] {
  const script = join(packageFolder(), 'hooks', 'agent-hook');
  const { host, project, adapters } = context;
  return adapters.flatMap((adapter) => adapter.hooks?.(host, project, agentCommand(script, adapter.id)) ?? []);
}
