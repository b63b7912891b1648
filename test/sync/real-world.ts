import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Ran } from '../hosts/program.ts';
import { type RealServer, realServer } from '../hosts/real-server.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';
import { type Stored, storedBy } from './stored.ts';
import { must, specstory } from './world.ts';

/** A clone with sessions that syncs with the built server through the built remote helper. */
export interface RealWorld extends Scratch {
  readonly server: RealServer;
  readonly writer: string;
  run(...args: string[]): Promise<Ran>;
  /** As `run`, for a command with --json. */
  json(...args: string[]): Promise<ReturnType<typeof JSON.parse>>;
  /** Writes new sessions of two exchanges each into the agent's store. */
  plantSessions(count?: number): void;
  /** Sessions that were planted. */
  planted(): number;
  /** Where the history of this clone stands here, and on the server. */
  tips(): { here: string; there: string };
}

/** A clone of the project `app`, signed in as `ada` or with the token given. */
export async function realWorld(options: { server?: RealServer; token?: string } = {}): Promise<RealWorld> {
  const server = options.server ?? (await realServer());
  const at = scratch();
  const run = (...args: string[]) => specstory(at, args);
  const token = options.token ?? server.token('ada', 'capture:write', 'sessions:read');
  await must(run('init', '--yes', '--no-capture'));
  await must(specstory(at, ['login', '--server', server.url, '--token', '-'], { input: `${token}\n` }));
  await must(run('remote', 'add', server.url, '--project', 'app'));
  const writer = /writers\/([0-9a-f]{16})\//.exec(at.git('config', '--get-all', 'remote.specstory.push'))?.[1] ?? '';
  let planted = 0;
  return {
    ...at,
    server,
    writer,
    run,
    json: async (...args) => {
      const { out, err } = await run(...args, '--json');
      try {
        return JSON.parse(out);
      } catch {
        throw new Error(`no JSON: ${out}${err}`);
      }
    },
    plantSessions: (count = 1) => {
      for (let more = 0; more < count; more++) {
        const id = `${writer}-${++planted}`;
        at.plantClaude(id, claudeTranscript(at.repository, id, 2).join(''));
      }
    },
    planted: () => planted,
    tips: () => ({
      here: at.git('for-each-ref', '--format=%(objectname)', 'refs/specstory/history').trim(),
      there: storedBy(server.data).refs[`refs/specstory/writers/${writer}/history`] ?? '',
    }),
  };
}

/** Fails unless what a sync told, and what the status says after it, is true of the server. */
export async function expectTruth(world: RealWorld, report: Awaited<ReturnType<RealWorld['json']>>): Promise<string> {
  const { here, there } = world.tips();
  const [{ push, counts }] = report.remotes;
  const told = JSON.stringify({ report, here, there });
  const isThere = here === there;
  if (push.outcome === 'ok') expect(isThere, told).toBe(true);
  else if (push.outcome !== 'unknown' && push.outcome !== 'nothing') expect(isThere, told).toBe(false);
  if (report.exit_code === 0) expect(isThere, told).toBe(true);
  else expect(push.reason ?? report.remotes[0].fetch.reason, told).toMatch(/\w/);
  const { selected, ...ways } = counts;
  expect(
    Object.values(ways).reduce((sum: number, one) => sum + Number(one), 0),
    told,
  ).toBe(selected);
  if (!isThere) expect(counts, told).toMatchObject({ stored: 0, duplicate: 0 });
  await expectHonestStatus(world, isThere, told);
  return push.outcome;
}

/** B78: the status says of the refs what git says, and is never healthy while something is not there. */
async function expectHonestStatus(world: RealWorld, isThere: boolean, told: string): Promise<void> {
  const status = await world.json('sync', 'status');
  const tracking = `refs/specstory/remotes/specstory/${world.writer}/history`;
  const known = world.git('for-each-ref', '--format=%(objectname)', tracking).trim();
  const span = known === '' ? 'refs/specstory/history' : `${known}..refs/specstory/history`;
  const unsent = Number(world.git('rev-list', '--count', span));
  expect(status.remotes[0].unpushed.history, told).toBe(unsent);
  if (!isThere || unsent > 0) expect(status.healthy, `${told} ${JSON.stringify(status)}`).toBe(false);
}

/** The next sync brings one copy of everything, and the one after it asks once and sends nothing. */
export async function expectOneCopy(world: RealWorld, others: readonly RealWorld[] = []): Promise<void> {
  const next = await world.json('sync');
  expect(next, JSON.stringify(next)).toMatchObject({ exit_code: 0, remotes: [{ open: [] }] });
  await expectStored(world.server, [world, ...others]);
  world.server.proxy.requests.length = 0;
  expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ push: { outcome: 'nothing' } }] });
  expect(world.server.proxy.requests).toEqual([
    expect.stringMatching(/^GET \S+\/info\/refs\?service=git-upload-pack /),
  ]);
}

/** The server has every session of these worlds once, with all exchanges (two each), in its repository and in its index. */
export async function expectStored(server: RealServer, worlds: readonly RealWorld[], each = 2): Promise<void> {
  const sessions = worlds.reduce((sum, one) => sum + one.planted(), 0);
  const isWhole = ({ indexed }: Stored): boolean =>
    indexed.sessions.length === sessions && indexed.exchanges.length === each * sessions;
  let stored = storedBy(server.data);
  // What a killed server left is taken in behind the first answers.
  for (let tries = 0; tries < 200 && !isWhole(stored); tries++) {
    await pause(50);
    stored = storedBy(server.data);
  }
  const distinct = (all: readonly string[]) => [all.length, new Set(all).size];
  expect(distinct(stored.sessions)).toEqual([sessions, sessions]);
  expect(distinct(stored.exchanges)).toEqual([each * sessions, each * sessions]);
  expect(stored.indexed.sessions).toEqual([...stored.sessions].sort());
  expect(distinct(stored.indexed.exchanges)).toEqual([each * sessions, each * sessions]);
  expect(stored.rejections).toBe(0);
  for (const { writer, tips } of worlds) expect([writer, tips().there]).toEqual([writer, tips().here]);
}
