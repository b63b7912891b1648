import { SpecstoryError } from '../core/errors.ts';
import type { Child } from '../platform/process.ts';
import { taken } from './git-records.ts';
import type { Limits } from './limits.ts';
import { startGit } from './run.ts';
import type { Scratch } from './scratch.ts';

interface IndexPackOptions {
  /** Bytes of the pack as it is sent. */
  readonly maxBytes: number;
  readonly limits: Limits;
  /** Milliseconds for the work after the last byte. */
  readonly patience: number;
  /** Hears git's own words of progress. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** A `git index-pack` that takes a pack as it arrives and puts it into a scratch folder, completed, indexed and checked by git's own rules. */
export class IndexPack {
  private readonly child: Child;
  private readonly patience: number;

  private constructor(child: Child, patience: number) {
    this.child = child;
    this.patience = patience;
    child.stdout.resume();
  }

  static async start(scratch: Scratch, options: IndexPackOptions): Promise<IndexPack> {
    const { maxBytes, limits, patience, onProgress } = options;
    const args = ['index-pack', '--stdin', '--fix-thin', '--strict', '--threads=1', `--max-input-size=${maxBytes}`];
    const child = await startGit([...args, ...(onProgress ? ['--show-resolving-progress'] : [])], {
      ...scratch.place,
      config: ['core.fsync=all', 'core.compression=1', 'pack.compression=1'],
      limits,
      ...(onProgress ? { onStderr: (chunk) => onProgress(progressIn(chunk.toString('utf8'))) } : {}),
    });
    return new IndexPack(child, patience);
  }

  /** Hands bytes on; waits while git is behind. What comes after git has had enough is dropped: `finish` says why. */
  async write(bytes: Uint8Array): Promise<void> {
    await taken(this.child, bytes);
  }

  /** Ends the pack and waits for git. Throws `unsupported` with the reason in words when git does not take it. */
  async finish(): Promise<void> {
    const { child } = this;
    if (!child.stdin.destroyed) child.stdin.end();
    const timer = setTimeout(() => child.kill(), this.patience);
    const ending = await child.ended;
    clearTimeout(timer);
    if (ending.code !== 0) throw new SpecstoryError('unsupported', complaint(child.stderr(), ending.signal));
  }

  /** Ends git without a result. */
  async kill(): Promise<void> {
    this.child.kill();
    await this.child.ended;
  }
}

/** Only lines of progress: others may name places on the server's disk. */
function progressIn(text: string): string {
  return text
    .split(/(?<=[\r\n])/)
    .filter((line) => /^(?:Resolving|Receiving|Indexing) [a-z]+: /.test(line))
    .join('');
}

const full = 'the disk of the server is full';

const complaints: readonly (readonly [RegExp, string])[] = [
  [/exceeds maximum allowed size/, 'the pack is larger than this server takes'],
  [
    /Out of memory|malloc failed|unable to create thread|mmap failed/i,
    'the pack needs more memory than this server gives',
  ],
  [/early EOF|unexpected disconnect/, 'the pack was cut short'],
  [
    /unresolved delta|did not receive expected object|missing link|cannot find|bad object/i,
    'the pack lacks objects it needs',
  ],
  [/No space left on device|Disk quota|File too large/, full],
];

function complaint(stderr: string, signal: string | null): string {
  const known = complaints.find(([says]) => says.test(stderr));
  if (known) return known[1];
  const fsck = /^error: (?:object|in tree) [0-9a-f]+: ([A-Za-z]+)/m.exec(stderr)?.[1];
  if (fsck) return `the pack holds an object that git refuses (${fsck})`;
  // A file that may not grow any more.
  if (signal === 'SIGXFSZ') return full;
  return signal ? 'the pack takes more work than this server gives' : 'the pack is damaged';
}
