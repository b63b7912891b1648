import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

// A PostgreSQL for the tests: the one that SPECSTORY_POSTGRES names (a user who may make roles and databases), else one of this machine's
// binaries that runs as long as the tests do. Without either, what needs one is left out.

/** Starts one unless there is one; it survives no power cut unless it is to be `durable`. vitest calls this, and what it gives at the end. */
export async function setup({ durable = false } = {}): Promise<(() => Promise<void>) | undefined> {
  const binaries = process.env.SPECSTORY_POSTGRES ? undefined : findBinaries();
  if (!binaries) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'postgres-'));
  const data = path.join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const asUser = user(folder, data);
  const options = ['--username=postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'];
  execFileSync(...asUser(path.join(binaries, 'initdb'), ['-D', data, ...options]), { stdio: 'ignore' });
  const port = await freePort();
  const fast = durable ? [] : ['fsync=off', 'full_page_writes=off'];
  const settings = [...fast, `unix_socket_directories=${folder}`, 'max_connections=200'];
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const server = spawn(...asUser(path.join(binaries, 'postgres'), args), { stdio: 'ignore' });
  const ended = once(server, 'close');
  process.env.SPECSTORY_POSTGRES = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await answering(process.env.SPECSTORY_POSTGRES);
  return async () => {
    server.kill('SIGQUIT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}

/** The newest of the machine, where Debian puts them or on the path. */
function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => path.join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(path.join(folder, name))));
}

/** PostgreSQL does not run as root: then it is the user that came with it. It ends when we do, even when we are killed. */
function user(...folders: readonly string[]): (program: string, args: string[]) => [string, string[]] {
  if (!existsSync('/usr/bin/setpriv')) return (program, args) => [program, args];
  const who: string[] = [];
  if (process.getuid?.() === 0) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })));
    for (const folder of folders) chownSync(folder, uid ?? 0, gid ?? 0);
    who.push(`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups');
  }
  return (program, args) => ['setpriv', [...who, '--pdeathsig=QUIT', program, ...args]];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function answering(url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (thrown) {
      if (attempt === 200) throw thrown;
      await pause(50);
    }
  }
}
