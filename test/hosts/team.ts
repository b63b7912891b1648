import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, specstory } from './program.ts';
import { claudeTranscript, type Scratch, scratch } from './scratch.ts';
import { type Serving, serving } from './serving.ts';

/** The project of everybody in a team. */
export const project = 'app';

/** One person's clone, with a home of its own. */
export interface Clone extends Scratch {
  readonly name: string;
  run(...args: string[]): Ran;
  /** As `run`; throws when it fails. Gives standard output. */
  must(...args: string[]): string;
  /** As `must`, for a command with --json. */
  json(...args: string[]): ReturnType<typeof JSON.parse>;
  /** Signs in with a token. */
  login(url: string, token: string): void;
  plantSession(id: string, turns: number, say?: (turn: number) => string): void;
  tip(ref: string): string;
  /** Ids of the sessions that are listed. */
  sessions(): string[];
}

/** A server of ours in a process of its own, and people with clones. */
export interface Team {
  readonly data: string;
  readonly server: Serving;
  /** Administers the server on its data directory. */
  cloud(...args: string[]): string;
  /** Makes an account and a clone that is set up and signed in; the first one's project is everybody's. */
  join(name: string, role?: 'writer' | 'reader' | 'owner'): Clone;
  /** A clone of somebody's own, from the same account, signed in. */
  again(name: string): Clone;
  token(name: string, ...scopes: string[]): string;
  /** Runs git in the one repository that the server has. */
  hosted(...args: string[]): string;
  /** Ends the server and starts it on the same data and port. */
  restart(settings?: NodeJS.ProcessEnv): Promise<void>;
}

export async function team(settings: NodeJS.ProcessEnv = {}): Promise<Team> {
  const data = join(scratch().home, 'server');
  let server = await serving(data, [], settings);
  let owner: string | undefined;
  const cloud = (...args: string[]): string =>
    succeed(specstory({ repository: '/', env: { PATH: process.env.PATH } }, ['cloud', ...args, '--data', data]));
  const token = (name: string, ...scopes: string[]): string =>
    cloud('token', 'add', '--user', name, '--scope', ...scopes)
      .trim()
      .split('\n')[0] ?? '';
  const again = (name: string): Clone => {
    const clone = cloneOf(name);
    clone.must('init', '--yes', '--no-capture');
    clone.login(server.url, token(name, 'capture:write', 'sessions:read', 'share:write'));
    clone.must('remote', 'add', server.url, '--project', project);
    return clone;
  };
  return {
    data,
    get server() {
      return server;
    },
    cloud,
    token,
    again,
    hosted: (...args) => {
      const folder = join(data, 'repositories');
      const [found = ''] = repositoriesIn(folder);
      return execFileSync('git', ['-C', found, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
    },
    join: (name, role = 'writer') => {
      cloud('user', 'add', name, '--no-password');
      if (owner !== undefined) cloud('member', 'add', `${owner}/${project}`, name, '--role', role);
      const clone = again(name);
      if (owner === undefined) {
        // A project is made by its first push.
        clone.plantSession(`first-of-${name}`, 1);
        clone.must('sync');
        owner = name;
      }
      return clone;
    },
    restart: async (more = {}) => {
      const port = new URL(server.url).port;
      await server.end();
      server = await serving(data, ['--listen', `127.0.0.1:${port}`], { ...settings, ...more });
    },
  };
}

function repositoriesIn(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return all.filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{32}\.git$/.test(name)).map((name) => join(folder, name));
}

function cloneOf(name: string): Clone {
  const world = scratch();
  world.git('config', 'user.name', name);
  const run = (...args: string[]): Ran => specstory(world, args);
  const must = (...args: string[]): string => succeed(run(...args), args);
  const json = (...args: string[]) => JSON.parse(run(...args, '--json').out);
  return {
    ...world,
    name,
    run,
    must,
    json,
    login: (url, token) => {
      succeed(specstory(world, ['login', '--server', url, '--token', '-'], { input: `${token}\n` }));
    },
    plantSession: (id, turns, say) => {
      world.plantClaude(id, claudeTranscript(world.repository, id, turns, say).join(''));
    },
    tip: (ref) => world.git('for-each-ref', '--format=%(objectname)', ref).trim(),
    sessions: () =>
      json('list')
        .map(({ session_id }: { session_id: string }) => session_id)
        .sort(),
  };
}

/** The same clone on another machine, as a disk image is copied: nothing in it tells that it is a copy. */
export function imageOf(clone: Clone): Clone {
  const copy = cloneOf(clone.name);
  cpSync(join(clone.repository, '.git'), join(copy.repository, '.git'), { recursive: true });
  rmSync(join(copy.repository, '.git/specstory/clone'), { force: true });
  cpSync(join(clone.home, '.config'), join(copy.home, '.config'), { recursive: true });
  return copy;
}

function succeed(ran: Ran, args: readonly string[] = []): string {
  if (ran.code !== 0) throw new Error(`${args.join(' ')}: exit ${ran.code}: ${ran.out}${ran.err}`);
  return ran.out;
}
