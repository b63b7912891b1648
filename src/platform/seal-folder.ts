import { chmodSync, closeSync, fsyncSync, openSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { syncFolder } from './atomic-file.ts';
import { writeError } from './file-error.ts';

/** Puts a folder with all that is in it on the disk, for its owner only: folders 0700, files 0600, or 0400 where they were not to be written to. Throws `unavailable`. */
export function sealFolder(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const place = path.join(folder, entry.name);
      if (entry.isDirectory()) sealFolder(place);
      else sealFile(place);
    }
    chmodSync(folder, 0o700);
    syncFolder(folder);
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

function sealFile(file: string): void {
  chmodSync(file, statSync(file).mode & 0o600);
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
