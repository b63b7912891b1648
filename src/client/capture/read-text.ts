import { readFileSync } from 'node:fs';

/** A file of our own, or an empty text when it is not there or cannot be read: it is only ever a shortcut. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
