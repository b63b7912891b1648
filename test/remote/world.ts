import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { type PushReport, pushReportSchema } from '../../src/protocol/push-report.ts';
import { makeScratch } from '../hosts/scratch.ts';
import { type GitServer, type GitServerOptions, gitServer } from './server.ts';

const writer = '0123456789abcdef';
export const history = `refs/specstory/writers/${writer}/history`;
export const refspec = `refs/specstory/history:${history}`;
const token = 'ss_at_test';
export const bearer = `Bearer ${token}`;

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface World {
  readonly server: GitServer;
  readonly repository: string;
  /** The bare repository behind the server. */
  readonly bare: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs git in the repository, signed in at the server. */
  git(...args: string[]): Promise<Ran>;
  start(args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess & { ran: Promise<Ran> };
  push(...args: string[]): Promise<Ran>;
  /** Starts the helper as git would, and says `input` to it. */
  helper(input: string, url?: string, env?: NodeJS.ProcessEnv): ChildProcess & { ran: Promise<Ran> };
  /** Adds a commit to the local history and gives its id. */
  grow(content?: string | Buffer): string;
  /** What the server has, by ref. */
  stored(): Record<string, string>;
  report(): PushReport | undefined;
}

/** A repository with a history, and a server of the kind asked for as the remote `team`. */
export async function pushWorld(options: Partial<GitServerOptions> = {}): Promise<World> {
  const { home, repository, env: clean, git: local, remove } = makeScratch('project');
  onTestFinished(remove);
  const bare = join(home, 'bare.git');
  local('init', '-q', '--bare', bare);
  for (const [name, value] of [
    ['receive.advertisePushOptions', 'true'],
    ['uploadpack.allowFilter', 'true'],
    ['core.logAllRefUpdates', 'always'],
  ])
    local('--git-dir', bare, 'config', name ?? '', value ?? '');
  const server = await gitServer({ repository: bare, ...options });
  onTestFinished(() => server.close());
  const report = join(home, 'report.json');
  const env = {
    ...clean,
    PATH: `${helperFolder(home)}${delimiter}${clean.PATH}`,
    SPECSTORY_TOKEN: token,
    SPECSTORY_SERVER: server.origin,
    SPECSTORY_PUSH_REPORT: report,
    NODE_EXTRA_CA_CERTS: '',
  };
  const url = options.tls ? `specstory::${server.origin}/git/project` : `specstory://127.0.0.1:${server.port}/project`;
  local('remote', 'add', 'team', url);
  const start: World['start'] = (args, more = {}) => startProgram('git', args, repository, { ...env, ...more });
  const grow = (content: string | Buffer = String(Math.random())): string => addCommit(repository, clean, content);
  grow();
  return {
    server,
    repository,
    bare,
    env,
    start,
    git: (...args) => start(args).ran,
    push: (...args) => start(['push', ...args, 'team', refspec]).ran,
    helper: (input, address = url, more = {}) => {
      const child = startProgram('git-remote-specstory', ['team', address], repository, {
        ...env,
        GIT_DIR: '.git',
        ...more,
      });
      child.stdin?.write(input);
      return child;
    },
    grow,
    stored: () => refsOf(bare, clean),
    report: () => (existsSync(report) ? pushReportSchema.parse(JSON.parse(readFileSync(report, 'utf8'))) : undefined),
  };
}

/** A folder for PATH with the built helper under its own name. */
function helperFolder(home: string): string {
  const folder = mkdtempSync(join(home, 'bin-'));
  symlinkSync(resolve('dist/remote.cjs'), join(folder, 'git-remote-specstory'));
  return folder;
}

function startProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): ReturnType<World['start']> {
  const child = spawn(program, args, { cwd, env, timeout: 50_000 });
  if (program === 'git') child.stdin.end();
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ran = new Promise<Ran>((done) => child.once('close', (code) => done({ code, out, err })));
  return Object.assign(child, { ran });
}

function addCommit(cwd: string, env: NodeJS.ProcessEnv, content: string | Buffer): string {
  const git = (args: string[], input?: string | Buffer): string =>
    execFileSync('git', args, {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(input === undefined ? {} : { input }),
    }).trim();
  const blob = git(['hash-object', '-w', '--stdin'], content);
  const tree = git(['mktree'], `100644 blob ${blob}\tfile\n`);
  let parent: string[] = [];
  try {
    parent = ['-p', git(['rev-parse', '--verify', '-q', 'refs/specstory/history'])];
  } catch {
    // The first commit.
  }
  const commit = git(['commit-tree', tree, ...parent, '-m', 'capture']);
  git(['update-ref', 'refs/specstory/history', commit]);
  return commit;
}

function refsOf(bare: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const text = execFileSync('git', ['--git-dir', bare, 'for-each-ref', '--format=%(refname) %(objectname)'], {
    env,
    encoding: 'utf8',
  });
  return Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ')),
  );
}

/** A hook of the repository, in sh. */
export function plantHook(repository: string, name: string, script: string): void {
  const folder = join(repository, '.git', 'hooks');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
