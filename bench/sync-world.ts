import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { program, World } from './world.ts';

/** The built server with the account `ada`, and clones that sync with it. */
export class SyncWorld {
  readonly data: string;
  readonly server: ChildProcess;
  readonly url: string;
  private readonly home: World;
  private readonly clones: World[] = [];

  private constructor(home: World, data: string, server: ChildProcess, url: string) {
    this.home = home;
    this.data = data;
    this.server = server;
    this.url = url;
  }

  static async start(name: string): Promise<SyncWorld> {
    const home = new World(name);
    const data = join(home.home, 'data');
    const args = [program, 'serve', '--data', data, '--listen', '127.0.0.1:0'];
    const server = spawn(process.execPath, args, { env: home.env, stdio: ['ignore', 'pipe', 'ignore'] });
    const url = await new Promise<string>((listening) => {
      let said = '';
      server.stdout?.on('data', (chunk) => {
        said += chunk;
        const found = /listening on (\S+)\/\n/.exec(said)?.[1];
        if (found) listening(found);
      });
    });
    const world = new SyncWorld(home, data, server, url);
    world.cloud('a long password\n', 'user', 'add', 'ada', '--admin', '--password', '-');
    return world;
  }

  /** A clone that is set up, signed in, and sends to the project `app`. */
  clone(name: string): World {
    const clone = new World(name);
    this.clones.push(clone);
    const token = this.token('capture:write', 'sessions:read');
    clone.specstory('init', '--yes', '--no-capture');
    const login = ['login', '--server', this.url, '--token', '-'];
    execFileSync(process.execPath, [program, ...login], { cwd: clone.repository, env: clone.env, input: token });
    clone.specstory('remote', 'add', this.url, '--project', 'app');
    return clone;
  }

  /** A personal token of `ada`. */
  token(...scopes: readonly string[]): string {
    const given = scopes.flatMap((scope) => ['--scope', scope]);
    return this.cloud('', 'token', 'add', '--user', 'ada', '--name', 'bench', ...given).trim();
  }

  /** The repository of the project. */
  get repository(): string {
    const folder = join(this.data, 'repositories');
    const first = readdirSync(folder).find((name) => /^[0-9a-f]{2}$/.test(name)) ?? '';
    return join(folder, first, readdirSync(join(folder, first))[0] ?? '');
  }

  /** Object ids of the histories that the server has. */
  histories(): string[] {
    const args = ['-C', this.repository, 'for-each-ref', '--format=%(objectname)', 'refs/specstory/writers/*/history'];
    return execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
  }

  remove(): void {
    this.server.kill('SIGKILL');
    for (const clone of [...this.clones, this.home]) clone.remove();
  }

  private cloud(input: string, ...args: string[]): string {
    const given = [program, 'cloud', ...args, '--data', this.data];
    return execFileSync(process.execPath, given, {
      input,
      env: this.home.env,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  }
}
