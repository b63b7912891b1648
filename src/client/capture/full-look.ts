import type { Source } from '../../adapters/adapter.ts';
import type { Entry, FileStat, Host } from '../../core/host.ts';
import type { Look } from './look.ts';
import { recentOf } from './recent.ts';
import { type RestingFolder, restingFolder, writeResting } from './resting-files.ts';
import type { CaptureState } from './state.ts';

/** What an agent's `find` was told of the disk. */
interface Noted {
  readonly folders: Map<string, { entries: readonly Entry[]; modified: number | undefined; now: number }>;
  readonly stats: Map<string, FileStat>;
  readonly host: Host;
}

/** A look at everything, which then lays to rest what was captured and is not among the latest. */
export class FullLook implements Look {
  private readonly folder: string;
  private readonly now: number;
  private readonly awake: number;
  private readonly noted = new Map<string, Noted>();

  constructor(folder: string, now: number, awake: number) {
    this.folder = folder;
    this.now = now;
    this.awake = awake;
  }

  host(host: Host, agent: string): Host {
    const noted: Noted = { folders: new Map(), stats: new Map(), host };
    this.noted.set(agent, noted);
    const list = (folder: string): readonly Entry[] => {
      // The time comes first: what is added while the names are read must make a difference.
      const modified = host.files.stat(folder)?.modified;
      const now = Date.now();
      const entries = host.files.list(folder);
      noted.folders.set(folder, { entries, modified, now });
      return entries;
    };
    const stat = (path: string): FileStat | undefined => {
      const found = host.files.stat(path);
      if (found) noted.stats.set(path, found);
      return found;
    };
    return { ...host, files: { ...host.files, list, stat } };
  }

  leftOut(): number {
    return 0;
  }

  async settle(state: CaptureState, found: readonly Source[]): Promise<void> {
    // Files of which few are worth the trouble.
    if (found.length <= 2 * this.awake) return;
    const busy = new Set(recentOf(found, this.now, this.awake));
    const resting = new Set(found.filter((source) => !busy.has(source) && this.mayRest(state, source)));
    if (resting.size <= this.awake) return;
    await state.settle(found.filter((source) => !resting.has(source)));
    const byAgent = new Map<string, Set<string>>();
    for (const { agent, path } of resting) {
      const paths = byAgent.get(agent) ?? new Set();
      byAgent.set(agent, paths.add(path));
    }
    const agents = [...byAgent].map(([agent, paths]) => [agent, foldersOf(this.noted.get(agent), paths)] as const);
    await writeResting(this.folder, { made: this.now, agents: new Map(agents) });
  }

  /** A source is its file, and the file is what was captured. */
  private mayRest(state: CaptureState, source: Source): boolean {
    return source.appendOnly && source.title === undefined && state.get(source)?.version === source.version;
  }
}

/** The folders that have any of these files. */
function foldersOf(noted: Noted | undefined, resting: ReadonlySet<string>): Map<string, RestingFolder> {
  const folders = new Map<string, RestingFolder>();
  for (const [folder, { entries, modified, now }] of noted?.folders ?? []) {
    const statOf = (index: number): FileStat | undefined => {
      const path = `${folder}${noted?.host.path.sep}${entries[index]?.name}`;
      return resting.has(path) ? noted?.stats.get(path) : undefined;
    };
    const columns = restingFolder(entries, { modified, now }, statOf);
    if (columns.sizes.some((size) => size !== -1)) folders.set(folder, columns);
  }
  return folders;
}
