import { SpecstoryError } from '../core/errors.ts';
import type { Child } from '../platform/process.ts';
import { gitError } from './errors.ts';
import { type Place, startGit } from './run.ts';

const args = ['fast-import', '--done', '--depth=0'];

/** One pack per import, compressed for speed (git's own repack finds the deltas later), and on disk before anything names it. */
const config = [
  'pack.compression=1',
  'core.compression=1',
  'pack.packSizeLimit=0',
  'fastimport.unpackLimit=0',
  'core.fsync=all',
  'core.logAllRefUpdates=false',
];
const enough = 256 << 10;
const patience = 300_000;

/** A running `git fast-import`: takes its stream with back-pressure. */
export class FastImport {
  private readonly child: Promise<Child>;
  private readonly where: string;
  private pending: Buffer[] = [];
  private size = 0;
  private gone = false;

  constructor(place: Place, where: string) {
    this.where = where;
    this.child = startGit(args, { ...place, config });
    this.child.then(
      (child) => {
        child.stdout.resume();
        child.ended.then(() => {
          this.gone = true;
        });
      },
      () => {},
    );
  }

  /** Adds to the stream; waits while git is behind. Throws what `gitError` makes of a git that ended. */
  async write(...pieces: readonly (string | Buffer)[]): Promise<void> {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      this.pending.push(bytes);
      this.size += bytes.length;
    }
    if (this.size >= enough) await this.flush();
  }

  /** Ends the stream and waits for git. Gives what git says about the import. */
  async finish(): Promise<string> {
    await this.write('done\n');
    await this.flush();
    const child = await this.child;
    child.stdin.end();
    const timer = setTimeout(() => child.kill(), patience);
    const ending = await child.ended;
    clearTimeout(timer);
    if (ending.code !== 0) throw gitError(args, this.where, { ...ending, stderr: child.stderr() });
    return child.stderr();
  }

  /** Ends git without a result. */
  async kill(): Promise<void> {
    const child = await this.child.catch(() => undefined);
    child?.kill();
    await child?.ended;
  }

  private async flush(): Promise<void> {
    // Small pieces travel together; large ones are not copied.
    const pieces = this.size < 4 * enough ? [Buffer.concat(this.pending)] : this.pending;
    this.pending = [];
    this.size = 0;
    const child = await this.child;
    for (const bytes of pieces) {
      if (!this.gone && !child.stdin.write(bytes) && !child.stdin.destroyed) await drained(child);
      if (this.gone || child.stdin.destroyed) await this.fail(child);
    }
  }

  private async fail(child: Child): Promise<never> {
    child.kill();
    const ending = await child.ended;
    if (ending.code !== 0) throw gitError(args, this.where, { ...ending, stderr: child.stderr() });
    throw new SpecstoryError('bug', 'git ended an import that was not complete');
  }
}

function drained({ stdin, kill }: Child): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(kill, patience);
    const done = (): void => {
      clearTimeout(timer);
      stdin.off('drain', done).off('close', done);
      resolve();
    };
    stdin.once('drain', done).once('close', done);
  });
}
