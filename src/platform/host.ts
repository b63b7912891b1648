import { closeSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import nodePath from 'node:path';
import { type ErrorKind, reason, SpecstoryError } from '../core/errors.ts';
import type { Entry, FileStat, Files, Host } from '../core/host.ts';
import { openDatabase } from './sqlite.ts';

const chunkSize = 1 << 20;

/** Something that could not be looked at: said once at the end, never a reason to stop. */
export interface Problem {
  readonly path: string;
  readonly reason: string;
}

/** The real host. `report` hears of folders and files that exist and cannot be read. */
export function nodeHost(options: { env?: NodeJS.ProcessEnv; report?: (problem: Problem) => void } = {}): Host {
  const env = options.env ?? process.env;
  return {
    platform: process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux',
    home: homeOf(env),
    path: nodePath,
    files: nodeFiles(options.report ?? (() => {})),
    env: (name) => env[name] || undefined,
    database: openDatabase,
  };
}

function homeOf(env: NodeJS.ProcessEnv): string | undefined {
  const named = process.platform === 'win32' ? env.USERPROFILE : env.HOME;
  if (named) return named;
  if (env !== process.env) return undefined;
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

function nodeFiles(report: (problem: Problem) => void): Files {
  const quietly = <T>(path: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (thrown) {
      if (kindOf(thrown) !== 'not-found') report({ path, reason: reason(thrown) });
      return undefined;
    }
  };
  return {
    list: (folder) => quietly(folder, () => listFolder(folder)) ?? [],
    stat: (path) => quietly(path, () => statOf(path)),
    chunks,
    text: (path, limit = 16 << 20) =>
      quietly(path, () => {
        const size = statSync(path, { throwIfNoEntry: false })?.size;
        return size !== undefined && size <= limit ? readFileSync(path, 'utf8') : undefined;
      }),
    real: (path) => {
      try {
        return realpathSync.native(path);
      } catch {
        return path;
      }
    },
  };
}

function listFolder(folder: string): Entry[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const named = entries.map((entry): Entry => {
    if (!entry.isSymbolicLink()) return { name: entry.name, kind: kind(entry) };
    const target = statSync(nodePath.join(folder, entry.name), { throwIfNoEntry: false });
    return { name: entry.name, kind: target ? kind(target) : 'other' };
  });
  return named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function statOf(path: string): FileStat | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  const { size, mtimeMs: modified, birthtimeMs, ino: inode } = found;
  return { size, modified, created: birthtimeMs || modified, inode, kind: kind(found) };
}

function kind(entry: { isFile(): boolean; isDirectory(): boolean }): Entry['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}

function* chunks(path: string, from = 0, size = chunkSize): Generator<Uint8Array> {
  const file = wrapped(path, () => openSync(path, 'r'));
  try {
    const buffer = Buffer.allocUnsafe(size);
    for (let at = from; ; ) {
      const read = wrapped(path, () => readSync(file, buffer, 0, size, at));
      if (read === 0) return;
      yield buffer.subarray(0, read);
      at += read;
    }
  } finally {
    closeSync(file);
  }
}

function wrapped<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new SpecstoryError(kindOf(cause), `cannot read ${path}: ${reason(cause)}`, { cause });
  }
}

/** The kind of a file system error, by its code. */
export function kindOf(thrown: unknown): ErrorKind {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'not-found';
  return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'unavailable';
}
