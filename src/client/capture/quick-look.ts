import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Source } from '../../adapters/adapter.ts';
import type { Entry, Host } from '../../core/host.ts';
import type { Look } from './look.ts';
import {
  isQuiet,
  isUnchanged,
  kindAt,
  type RestingFiles,
  type RestingFolder,
  restedStat,
  restingFolder,
  writeResting,
} from './resting-files.ts';
import type { CaptureState } from './state.ts';

/** A look that passes over files that rest and have not changed, and names folders from memory while their own time is what it was. */
export class QuickLook implements Look {
  private readonly folder: string;
  private readonly awake: number;
  private readonly resting: RestingFiles;
  /** What was listed, by agent and folder: an agent may ask for a folder more than once. */
  private readonly listed = new Map<string, readonly Entry[]>();
  private marks = 0;
  /** A folder had to be listed again, and will be remembered. */
  private isStale = false;

  constructor(folder: string, awake: number, resting: RestingFiles) {
    this.folder = folder;
    this.awake = awake;
    this.resting = resting;
  }

  host(host: Host, agent: string): Host {
    const folders = this.resting.agents.get(agent);
    if (folders === undefined) return host;
    const list = (folder: string): readonly Entry[] => {
      const entries = this.listed.get(`${agent} ${folder}`) ?? this.list(host, folder, folders);
      this.listed.set(`${agent} ${folder}`, entries);
      return entries;
    };
    return { ...host, files: { ...host.files, list } };
  }

  leftOut(found: readonly Source[]): number {
    // A source with a title is given though its file is unchanged.
    const given = found.filter(({ agent, path, title }) => {
      const entries = title === undefined ? [] : (this.listed.get(`${agent} ${dirname(path)}`) ?? []);
      return entries.some(({ name, unchanged }) => unchanged && name === basename(path));
    });
    return this.marks - given.length;
  }

  async settle(_state: CaptureState, found: readonly Source[]): Promise<void> {
    // Many have woken, or are new: the next look is a full one.
    if (found.length > 4 * this.awake) rmSync(join(this.folder, 'resting'), { force: true });
    else if (this.isStale) await writeResting(this.folder, this.resting);
  }

  private list(host: Host, folder: string, folders: Map<string, RestingFolder>): readonly Entry[] {
    const known = folders.get(folder);
    if (known === undefined) return host.files.list(folder);
    const modified = host.files.stat(folder)?.modified;
    const start = `${folder}${host.path.sep}`;
    if (modified === known.modified) {
      return known.names.map((name, index) => this.marked({ name, kind: kindAt(known, index) }, start, known, index));
    }
    const now = Date.now();
    const entries = host.files.list(folder);
    const places = placesOf(entries, known.names);
    if (isQuiet(modified, now)) {
      this.isStale = true;
      const again = restingFolder(entries, { modified, now }, (index) => restedStat(known, places[index] ?? -1));
      folders.set(folder, again);
    }
    return entries.map((entry, index) => this.marked(entry, start, known, places[index] ?? -1));
  }

  /** An entry, with a mark when it rests and is what it was. */
  private marked(entry: Entry, start: string, known: RestingFolder, index: number): Entry {
    if (index < 0 || entry.kind !== 'file' || !isUnchanged(start + entry.name, known, index)) return entry;
    this.marks++;
    return { name: entry.name, kind: 'file', unchanged: true };
  }
}

/** Where each entry was among the names of before, both being sorted; -1 for what is new. */
function placesOf(entries: readonly Entry[], names: readonly string[]): number[] {
  let at = 0;
  return entries.map(({ name }) => {
    while (at < names.length && (names[at] ?? '') < name) at++;
    return names[at] === name ? at : -1;
  });
}
