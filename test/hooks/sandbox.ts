import { type ExecFileSyncOptions, execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { applyInstall, type InstallOptions, planInstall } from '../../src/client/install/install.ts';
import { openRepository } from '../../src/git/repository.ts';

const hooks = path.resolve(import.meta.dirname, '../../hooks');

/** The shell texts that the package ships. */
export const templates = {
  hook: readFileSync(path.join(hooks, 'git-hook'), 'utf8'),
  block: readFileSync(path.join(hooks, 'block'), 'utf8'),
};
export const agentHook = path.join(hooks, 'agent-hook');

/** What a worker saw of its surroundings. */
interface Run {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly input: string;
  readonly nice: number;
  /** Whether it outlives the terminal: it is the leader of a session of its own. */
  readonly leadsSession: boolean;
}

/** Writes down what it sees, after a while, so that a hook that waits for it is noticed. */
const fakeWorker = `
const fs = require('node:fs'), os = require('node:os'), path = require('node:path');
let input = '';
try { input = fs.readFileSync(0, 'utf8'); } catch {}
const linux = process.platform === 'linux';
const session = linux ? Number(fs.readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[3]) : process.pid;
const run = { leadsSession: session === process.pid, argv: process.argv.slice(2), env: process.env, cwd: process.cwd(), input, nice: os.getPriority() };
const slow = path.join(__dirname, 'slow');
setTimeout(() => {
  const file = path.join(__dirname, 'runs', process.hrtime.bigint() + '.json');
  fs.writeFileSync(file + '.tmp', JSON.stringify(run));
  fs.renameSync(file + '.tmp', file);
}, fs.existsSync(slow) ? Number(fs.readFileSync(slow, 'utf8')) : 0);
`;

/** A repository with a name that no shell likes, and a worker that records how it was started. */
export class Sandbox {
  readonly folder: string;
  readonly root: string;
  readonly options: InstallOptions;

  constructor(name = `it's a "r\u00e9po" $HOME; \`x\` & more`) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'specstory-hooks-'));
    this.root = path.join(this.folder, name);
    mkdirSync(path.join(this.folder, 'runs'));
    const worker = path.join(this.folder, 'worker.cjs');
    writeFileSync(worker, fakeWorker);
    this.options = { templates, programs: { nodes: ['/nowhere/node', process.execPath], worker }, home: this.folder };
    this.run('git', ['init', '-q', '-b', 'main', this.root], { cwd: this.folder });
  }

  get common(): string {
    return path.join(this.root, '.git');
  }

  async install(root = this.root): Promise<void> {
    await applyInstall(await planInstall(await openRepository(root), this.options));
  }

  run(program: string, args: readonly string[], options: ExecFileSyncOptions = {}): string {
    return execFileSync(program, args, { cwd: this.root, stdio: 'pipe', ...options }).toString();
  }

  git(...args: string[]): string {
    return this.run('git', args);
  }

  /** Makes a commit and gives what it said and how it ended. */
  commit(options: { cwd?: string; env?: NodeJS.ProcessEnv; args?: readonly string[] } = {}): {
    code: number | null;
    said: string;
  } {
    const { cwd = this.root, env = process.env, args = [] } = options;
    const outcome = spawnSync('git', ['commit', '-q', '--allow-empty', '-m', 'x', ...args], { cwd, env });
    return { code: outcome.status, said: `${outcome.stdout}${outcome.stderr}` };
  }

  /** As the worker leaves it when nothing is new: a place and a younger stamp. */
  settle(): string {
    const place = path.join(this.folder, 'some place');
    writeFileSync(place, '');
    utimesSync(place, 1000, 1000);
    writeFileSync(path.join(this.common, 'specstory', 'places'), `${path.join(this.folder, 'missing')}\n${place}\n`);
    writeFileSync(path.join(this.common, 'specstory', 'stamp'), '');
    utimesSync(path.join(this.common, 'specstory', 'stamp'), 2000, 2000);
    return place;
  }

  slow(milliseconds: number): void {
    writeFileSync(path.join(this.folder, 'slow'), String(milliseconds));
  }

  /** What the workers saw so far, in the order in which they ended. */
  runs(): Run[] {
    const folder = path.join(this.folder, 'runs');
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    return files.sort().map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  }

  /** Waits until so many workers have ended. */
  async waitForRuns(count: number): Promise<Run[]> {
    for (let round = 0; round < 200 && this.runs().length < count; round++) await pause(50);
    return this.runs();
  }

  /** Time for a worker that should not have been started to show. */
  async noRuns(): Promise<Run[]> {
    await pause(300);
    return this.runs();
  }

  read(file: string): string | undefined {
    const full = path.join(this.root, file);
    return existsSync(full) ? readFileSync(full, 'latin1') : undefined;
  }

  write(file: string, content: string | Uint8Array, mode = 0o755): void {
    const full = path.join(this.root, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, content, { mode });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
