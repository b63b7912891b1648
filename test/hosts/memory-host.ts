import nodePath from 'node:path';
import { SpecstoryError } from '../../src/core/errors.ts';
import type { Database, Entry, Host } from '../../src/core/host.ts';

/** A host made of a table of files, for any platform. Counts what was read, so that a test can say that nothing was. */
export interface MemoryHost extends Host {
  readonly read: string[];
}

export interface MemoryWorld {
  platform?: Host['platform'];
  home?: string;
  env?: Record<string, string>;
  /** Content by absolute path. */
  files: Record<string, string | Uint8Array>;
  /** Links to folders, as link → target. */
  links?: Record<string, string>;
  databases?: Record<string, () => Database>;
}

export function memoryHost(world: MemoryWorld): MemoryHost {
  const path = world.platform === 'win32' ? nodePath.win32 : nodePath.posix;
  const read: string[] = [];
  const bytes = (name: string): Uint8Array | undefined => {
    const content = world.files[name];
    return typeof content === 'string' ? Buffer.from(content) : content;
  };
  return {
    platform: world.platform ?? 'linux',
    home: world.home,
    path,
    read,
    env: (name) => world.env?.[name] || undefined,
    database: (name) => {
      const open = world.databases?.[name];
      if (!open) throw new SpecstoryError('not-found', `no database at ${name}`);
      return open();
    },
    files: {
      list: (folder) => entries(Object.keys(world.files), folder, path.sep),
      stat: (name) => {
        const content = bytes(name);
        const kind = content
          ? 'file'
          : entries(Object.keys(world.files), name, path.sep).length > 0
            ? 'folder'
            : undefined;
        return (
          kind && {
            size: content?.length ?? 0,
            modified: 1_767_323_045_000,
            created: 1_767_323_045_000,
            inode: 1,
            kind,
          }
        );
      },
      chunks: function* (name, from = 0) {
        const content = bytes(name);
        if (!content) throw new SpecstoryError('not-found', `cannot read ${name}: no such file`);
        read.push(name);
        // Small pieces, so that every test meets lines that are cut.
        for (let at = from; at < content.length; at += 1000) yield content.subarray(at, at + 1000);
      },
      text: (name, limit = 16 << 20) => {
        const content = bytes(name);
        if (!content || content.length > limit) return undefined;
        read.push(name);
        return Buffer.from(content).toString('utf8');
      },
      real: (name) => world.links?.[name] ?? name,
    },
  };
}

function entries(names: readonly string[], folder: string, sep: string): Entry[] {
  const prefix = folder.endsWith(sep) ? folder : folder + sep;
  const found = new Map<string, Entry['kind']>();
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const [first, ...rest] = name.slice(prefix.length).split(sep);
    if (first) found.set(first, rest.length > 0 ? 'folder' : 'file');
  }
  return [...found].map(([name, kind]) => ({ name, kind })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
