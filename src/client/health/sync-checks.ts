import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { commitTime } from '../../git/distance.ts';
import { type Tips, tips } from '../../git/read.ts';
import { pushRefs } from '../../git/remote-refs.ts';
import { type Config, readConfig } from '../../git/repository.ts';
import { signIns } from '../account/account.ts';
import { online } from '../account/online.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { type NamedRemote, namedRemotes, trackingRefspec } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';
import { complaintOf } from '../sync/complaint.ts';
import { readLedger } from '../sync/ledger.ts';
import { refusesNamespace } from '../sync/namespace.ts';
import { remoteRef, standingOf } from '../sync/standing.ts';
import { talkTo } from '../sync/talk.ts';
import type { Check } from './check.ts';

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

type Consented = NamedRemote & { readonly target: Target };

/** What sync needs: settings of the remotes, the helper, sign-ins, clocks. Asks the remotes; changes nothing here or there. */
export async function syncChecks(context: Context, place: Place): Promise<Check[]> {
  const config = await readConfig(context.repository);
  const remotes = namedRemotes(config);
  const known = await tips(context.repository);
  const checks = [...refspecChecks(config), ...(await historyClock(context, known))];
  for (const remote of remotes) {
    const name = `remote ${remote.name}`;
    if (!remote.target) {
      const hint = `run: specstory remote remove ${remote.name}`;
      checks.push({ name, state: 'failure', text: remote.problem ?? 'nothing may be sent there', hint });
      continue;
    }
    const one: Consented = { ...remote, target: remote.target };
    checks.push(...settingChecks(config, one));
    const isOurs = one.target.kind === 'specstory';
    checks.push(...(isOurs ? await serverChecks(one, place) : [await hostCheck(context, one, known)]));
  }
  if (remotes.some(({ target }) => target?.kind === 'specstory')) checks.push(helperCheck(place.env.PATH ?? ''));
  return checks;
}

/** An exact refspec makes `git fetch` fail while the ref is missing; one that leads to our live refs destroys what is unsent. */
function refspecChecks(config: Config): Check[] {
  return config.all().flatMap(({ name, value }): Check[] => {
    const remote = /^remote\.(.+)\.fetch$/.exec(name)?.[1];
    const [, from = '', to = ''] = /^\+?([^:]*):?(.*)$/.exec(value) ?? [];
    if (remote === undefined || !(from.startsWith('refs/specstory') || to.startsWith('refs/specstory'))) return [];
    const isLive = /^refs\/specstory\/(?:history|raw|\*|$)/.test(to);
    if (from.includes('*') && !isLive) return [];
    const text = isLive
      ? `git fetch from it overwrites what is not sent yet (${value})`
      : `git fetch from it fails while ${from} is not there`;
    const hint = `git config --unset ${name} '${value.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&')}'`;
    return [{ name: `remote ${remote}`, state: 'failure', text, hint }];
  });
}

function settingChecks(config: Config, { name, url }: Consented): Check[] {
  const has = config.all(`remote.${name}.fetch`).some(({ value }) => value === trackingRefspec(name));
  if (has) return [{ name: `remote ${name}`, state: 'ok', text: url }];
  const text = 'its fetch setting is not ours: git push does not note what arrived';
  return [
    {
      name: `remote ${name}`,
      state: 'failure',
      text,
      hint: `git config --add remote.${name}.fetch '${trackingRefspec(name)}'`,
    },
  ];
}

/** For `git push` and `git fetch` by hand; sync brings its own. */
function helperCheck(searchPath: string): Check {
  const found = searchPath.split(path.delimiter).find((folder) => path.isAbsolute(folder) && isProgram(folder));
  if (found) return { name: 'remote helper', state: 'ok', text: path.join(found, 'git-remote-specstory') };
  const text =
    'git-remote-specstory is not in PATH: sync brings its own, but git push and git fetch by hand do not work';
  return { name: 'remote helper', state: 'warning', text, hint: 'npm install -g git-specstory' };
}

function isProgram(folder: string): boolean {
  try {
    accessSync(path.join(folder, 'git-remote-specstory'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const day = 86_400_000;

async function serverChecks({ name, target }: Consented, place: Place): Promise<Check[]> {
  if (target.kind !== 'specstory') return [];
  const { server, origin } = target.address;
  const label = `sign-in ${name}`;
  const login = `run: specstory login --server ${server}`;
  const { signIns: all, problem } = await signIns(place);
  if (problem) return [{ name: label, state: 'failure', text: problem }];
  const found = all.find((signIn) => new URL(signIn.server).origin === origin);
  if (!found) return [{ name: label, state: 'failure', text: `nobody is signed in to ${server}`, hint: login }];
  const left =
    found.expiresAt === null || found.renews ? Number.POSITIVE_INFINITY : Date.parse(found.expiresAt) - Date.now();
  const state = left <= 0 ? 'failure' : left < 7 * day ? 'warning' : 'ok';
  const text =
    left <= 0 ? 'the token has expired' : left < 7 * day ? `the token expires on ${found.expiresAt}` : server;
  return [
    { name: label, state, text, ...(state === 'ok' ? {} : { hint: login }) },
    ...(await serverClock(server, place)),
  ];
}

/** Milliseconds by which clocks may differ. */
const tolerance = 5 * 60_000;

async function serverClock(server: string, place: Place): Promise<Check[]> {
  return online(place, async ({ http }) => {
    try {
      const response = await http.send({ method: 'GET', url: `${server}/api/v2/server`, timeout: 10_000 });
      await response.discard();
      const skew = Date.now() - Date.parse(response.headers.date ?? '');
      if (!(Math.abs(skew) > tolerance)) return [];
      const text = `this clock is ${Math.round(Math.abs(skew) / 60_000)} minutes ${skew > 0 ? 'ahead of' : 'behind'} ${server}`;
      return [{ name: 'clock', state: 'warning', text, hint: 'set the clock of this machine' }];
    } catch {
      return [];
    }
  });
}

/** A history from the future: the clock was set back since, or was ahead then. */
async function historyClock({ repository }: Context, { history }: Tips): Promise<Check[]> {
  const last = history && (await commitTime(repository, history));
  if (!last || last <= Date.now() + tolerance) return [];
  const text = `the last capture was at ${new Date(last).toISOString()}, which is still to come`;
  return [{ name: 'clock', state: 'warning', text, hint: 'set the clock of this machine' }];
}

/** Whether a plain host can be reached and takes our refs. git's dry run asks for access only; that it takes them shows in what was sent. */
async function hostCheck(context: Context, remote: Consented, known: Tips): Promise<Check> {
  const name = `host ${remote.name}`;
  const fallback = 'add a specstory server, or a host that takes other refs: docs/sync.md';
  const { lastPush } = await readLedger(context, remote.name, { mend: false });
  if (lastPush?.outcome === 'rejected' && refusesNamespace(lastPush.reason ?? '')) {
    return { name, state: 'failure', text: `it does not take refs/specstory: ${lastPush.reason}`, hint: fallback };
  }
  if (!context.isInitialised || known.history === undefined) {
    return { name, state: 'ok', text: 'nothing to send yet' };
  }
  const writer = await writerOf(context);
  const talk = talkTo(remote, { wall: 30_000 });
  const refspec = `refs/specstory/history:${remoteRef(writer, 'history')}`;
  const tried = await pushRefs(context.repository, talk, [refspec], { dryRun: true });
  if (tried.code !== 0)
    return { name, state: 'failure', text: complaintOf(tried).text, hint: 'run: specstory sync status --check' };
  const isThere = standingOf(known, remote.name, writer).history.there !== undefined;
  return {
    name,
    state: 'ok',
    text: isThere ? 'takes refs/specstory' : 'can be pushed to; the first push shows whether it takes refs/specstory',
  };
}
