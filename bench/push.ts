import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { type GitServer, gitServer } from '../test/remote/server.ts';
import type { Scenario } from './figure.ts';
import { median, World } from './world.ts';

interface PushWorld {
  readonly world: World;
  readonly server: GitServer;
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

async function pushWorld(name: string): Promise<PushWorld> {
  const world = new World(name);
  const bare = join(world.home, 'bare.git');
  world.git('init', '-q', '--bare', bare);
  const bin = join(world.home, 'bin');
  const server = await gitServer({ repository: bare });
  mkdirSync(bin);
  symlinkSync(resolve('dist/remote.cjs'), join(bin, 'git-remote-specstory'));
  const env = { ...world.env, PATH: `${bin}${delimiter}${world.env.PATH}` };
  const close = async (): Promise<void> => {
    await server.close();
    world.remove();
  };
  return { world, server, env, close };
}

/** Pushes HEAD to a ref; gives milliseconds. The server runs in this process, so nothing here may block. */
async function push({ world, env }: PushWorld, url: string, ref: string): Promise<number> {
  const start = performance.now();
  const child = spawn('git', ['push', '-q', url, `HEAD:${ref}`], { cwd: world.repository, env, stdio: 'ignore' });
  const code = await new Promise((done) => child.once('exit', done));
  if (code !== 0) throw new Error(`git push ended with ${code}`);
  return performance.now() - start;
}

/** A push of one small commit by our helper, over the same push by git's own. */
export const pushOverhead: Scenario = async () => {
  const made = await pushWorld('push');
  try {
    const { server, world } = made;
    const [own, ours] = [`${server.origin}/git/project`, `specstory://127.0.0.1:${server.port}/project`];
    const [plain, helped] = [[] as number[], [] as number[]];
    for (let round = -2; round < 15; round++) {
      world.git('commit', '-q', '--allow-empty', '-m', String(round));
      const first = await push(made, own, 'refs/specstory/writers/a/history');
      const second = await push(made, ours, 'refs/specstory/writers/b/history');
      if (round >= 0) {
        plain.push(first);
        helped.push(second);
      }
    }
    const note = `git's helper ${median(plain).toFixed(1)} ms, ours ${median(helped).toFixed(1)} ms; medians of 15, in turns`;
    const value = median(helped) - median(plain);
    return [{ what: 'push by our helper: over the same push by git', value, unit: 'ms', reach: 120, note }];
  } finally {
    await made.close();
  }
};

/** Memory of the helper while it sends a large push. */
export const pushMemory: Scenario = async () => {
  const made = await pushWorld('large');
  try {
    const { server, world } = made;
    const blobs = Array.from({ length: 16 }, () => blob(world, randomBytes(16 << 20)));
    const tree = world.make(['mktree'], blobs.map((id, index) => `100644 blob ${id}\t${index}\n`).join(''));
    world.git('update-ref', 'HEAD', world.make(['commit-tree', tree, '-m', 'large'], ''));
    let memory = 0;
    const timer = setInterval(() => {
      memory = Math.max(memory, helperMemory(world.home));
    }, 20);
    const ms = await push(made, `specstory://127.0.0.1:${server.port}/project`, 'refs/specstory/writers/c/history');
    clearInterval(timer);
    const note = `${(268 / (ms / 1000)).toFixed(0)} MB/s with the server beside it`;
    return [{ what: 'push of 268 MB: memory of the helper', value: memory, unit: 'MiB', reach: 150, note }];
  } finally {
    await made.close();
  }
};

function blob(world: World, content: Buffer): string {
  return world.make(['hash-object', '-w', '--stdin'], content);
}

/** The largest resident memory so far of the helper that runs for a home, in MiB (Linux only). */
function helperMemory(home: string): number {
  const sizes = readdirSync('/proc').map((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${home}/bin/git-remote-`))
        return 0;
      return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      return 0;
    }
  });
  return Math.max(0, ...sizes);
}
