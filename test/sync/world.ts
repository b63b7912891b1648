import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Ran } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';
import { HistoryServer } from './history-server.ts';

const program = resolve('dist/specstory.cjs');

/** Runs the built program while this process goes on serving. */
export async function specstory(
  world: Pick<Scratch, 'env' | 'repository'>,
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const { cwd = world.repository, input = '', env = {} } = options;
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...world.env, ...env } });
  child.stdin.end(input);
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

/** A repository that is set up, with sessions in the agents' store, and a server it may send to. */
export interface SyncWorld extends Scratch {
  readonly server: HistoryServer;
  readonly project: string;
  run(...args: string[]): Promise<Ran>;
  /** As `run`, for a command with --json. */
  json(...args: string[]): Promise<ReturnType<typeof JSON.parse>>;
  plantSessions(...sessions: string[]): void;
  signIn(account?: string): Promise<Ran>;
  tip(ref: string): string;
}

export async function syncWorld(
  options: { signedIn?: boolean; remote?: boolean; project?: string } = {},
): Promise<SyncWorld> {
  const { signedIn = true, remote = true, project = 'app' } = options;
  const at = scratch();
  const server = await HistoryServer.start(join(at.home, '..', 'server'));
  onTestFinished(() => server.stop());
  const world: SyncWorld = {
    ...at,
    server,
    project,
    run: (...args) => specstory(at, args),
    json: async (...args) => JSON.parse((await specstory(at, [...args, '--json'])).out),
    plantSessions: (...sessions) => {
      for (const session of sessions) at.plantClaude(session, claudeTranscript(at.repository, session, 2).join(''));
    },
    signIn: (account = 'ada') => {
      const token = server.grant(account).access_token;
      return specstory(at, ['login', '--server', server.url, '--token', '-'], { input: `${token}\n` });
    },
    tip: (ref) => at.git('for-each-ref', '--format=%(objectname)', ref).trim(),
  };
  await must(world.run('init', '--yes', '--no-capture'));
  if (signedIn) await must(world.signIn());
  if (remote) await must(world.run('remote', 'add', server.url, '--project', project));
  server.requests.length = 0;
  return world;
}

export async function must(ran: Promise<Ran>): Promise<Ran> {
  const done = await ran;
  if (done.code !== 0) throw new Error(`exit ${done.code}: ${done.out}${done.err}`);
  return done;
}
