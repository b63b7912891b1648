import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whatever tests leave in the temporary folder goes with the run. */
export function setup(): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'specstory-tests-')));
  // A test becomes somebody else for a while, who has to pass through.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
