import { accessSync, constants } from 'node:fs';
import { simpleGit } from 'simple-git';
import { adapters } from '../../adapters/index.ts';
import { reason, SpecstoryError } from '../../core/errors.ts';
import { counted } from '../../core/text.ts';
import { gitVersion } from '../../git/version.ts';
import { type Context, openContext } from '../context.ts';
import { listSessions } from '../history/query.ts';
import type { Check } from './check.ts';
import { type Status, statusOf } from './status.ts';
import { syncChecks } from './sync-checks.ts';

/** Looks at everything that capturing and syncing need, and says of each how it is. Changes nothing; a check that cannot be made is a failure with its reason. */
export async function examine({ cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Check[]> {
  const checks: Check[] = [await gitCheck(cwd), nodeCheck()];
  try {
    const context = await openContext({ cwd, env });
    const status = await statusOf(context);
    checks.push(
      ...setupChecks(context, status),
      ...agentChecks(context, status),
      await historyCheck(context),
      ...status.warnings.map((warning): Check => ({ name: 'history', state: 'warning', ...warning })),
      ...(await remoteChecks(context)),
      ...(await syncChecks(context, { cwd, env })),
    );
  } catch (thrown) {
    checks.push({ name: 'repository', state: 'failure', text: reason(thrown), ...hintOf(thrown) });
  }
  return checks;
}

function hintOf(thrown: unknown): { hint?: string } {
  return thrown instanceof SpecstoryError && thrown.hint ? { hint: thrown.hint } : {};
}

async function gitCheck(cwd: string): Promise<Check> {
  try {
    const [major, minor] = await gitVersion(cwd);
    const isEnough = major > 2 || (major === 2 && minor >= 39);
    if (isEnough) return { name: 'git', state: 'ok', text: `${major}.${minor}` };
    return { name: 'git', state: 'failure', text: `${major}.${minor} is too old`, hint: 'install git 2.39 or newer' };
  } catch (thrown) {
    return { name: 'git', state: 'failure', text: reason(thrown), ...hintOf(thrown) };
  }
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 19);
  if (isEnough) return { name: 'node', state: 'ok', text: process.version };
  return { name: 'node', state: 'failure', text: `${process.version} is too old`, hint: 'install Node 20.19 or newer' };
}

function setupChecks(context: Context, status: Status): Check[] {
  const setup: Check = status.initialised
    ? { name: 'set-up', state: 'ok', text: `writer ${status.writer}` }
    : { name: 'set-up', state: 'failure', text: 'this repository is not set up', hint: 'run: specstory init' };
  const hooks = status.initialised
    ? status.hooks.map(
        ({ hook, state, hint }): Check => ({
          name: `hook ${hook}`,
          state: state === 'installed' ? 'ok' : 'failure',
          text: state,
          ...(hint ? { hint } : {}),
        }),
      )
    : [];
  const problem: Check[] = status.problem
    ? [{ name: 'last capture', state: 'warning', text: status.problem, hint: 'run: specstory capture' }]
    : [];
  return [setup, ...hooks, ...problem, writableCheck(context)];
}

function writableCheck({ repository }: Context): Check {
  try {
    accessSync(repository.commonDir, constants.W_OK);
    return { name: 'git directory', state: 'ok', text: repository.commonDir };
  } catch (thrown) {
    return {
      name: 'git directory',
      state: 'failure',
      text: reason(thrown),
      hint: 'check who owns it, and that the disk can be written to',
    };
  }
}

function agentChecks(context: Context, status: Status): Check[] {
  const found = status.agents.map(({ agent, sources, pending }): Check => {
    const label = adapters.find(({ id }) => id === agent)?.label ?? agent;
    const text =
      sources === 0
        ? 'no conversations about this repository'
        : `${counted(sources, 'source')}, ${pending} with something new`;
    return { name: label, state: 'ok', text };
  });
  const unreadable = [...status.unreadable].map(({ path, reason: why }): Check => {
    return { name: 'store', state: 'warning', text: `${path}: ${why}`, hint: 'check who may read it' };
  });
  const off = adapters.filter(({ id }) => !context.adapters.some((adapter) => adapter.id === id));
  return [
    ...found,
    ...unreadable,
    ...off.map(({ label }): Check => ({ name: label, state: 'ok', text: 'switched off by capture.agents' })),
  ];
}

async function historyCheck(context: Context): Promise<Check> {
  const broken: string[] = [];
  const sessions = await listSessions(context, (path) => broken.push(path));
  if (broken.length === 0) return { name: 'history', state: 'ok', text: counted(sessions.length, 'session') };
  return {
    name: 'history',
    state: 'failure',
    text: `${counted(broken.length, 'session')} cannot be read: ${broken[0]}`,
    hint: 'git fsck tells whether objects are damaged',
  };
}

/** A remote that mirrors sends every ref, the history too: people should know before they push. */
async function remoteChecks({ repository }: Context): Promise<Check[]> {
  const remotes = await simpleGit(repository.root).getConfig('remote.origin.mirror');
  if (remotes.value !== 'true') return [];
  return [
    {
      name: 'remote origin',
      state: 'warning',
      text: 'it is a mirror: git push sends refs/specstory to it as well',
      hint: 'git config --unset remote.origin.mirror, or accept that',
    },
  ];
}
