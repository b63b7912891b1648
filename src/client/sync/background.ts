import { join } from 'node:path';
import { detach } from '../../platform/process.ts';
import { packageFolder } from '../package-folder.ts';

/**
 * Lets a sync follow a push of code, in a process of its own: the worker itself stays small, because it starts at every commit. What comes
 * of it is kept for `specstory sync status`. Never throws.
 */
export async function syncInBackground(cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    const program = join(packageFolder(), 'dist', 'specstory.cjs');
    await detach(process.execPath, [program, 'sync', '--on-push', '--json'], { cwd, env });
  } catch {
    // A push is never disturbed; `sync status` says what is unsent.
  }
}
