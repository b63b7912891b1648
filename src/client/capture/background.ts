import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { reason, SpecstoryError } from '../../core/errors.ts';
import { withLock } from '../../platform/lock.ts';
import { type Context, openInitialised } from '../context.ts';
import { capture } from './capture.ts';

/**
 * Captures for a repository without anybody looking. Never throws: what went wrong is kept in the file `problem`
 * beside the state, for `status` and `doctor`. Only one such process works at a time: one that finds another at
 * work leaves the mark `again`, and the other looks once more before it ends.
 */
export async function captureInBackground(cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  let context: Context | undefined;
  try {
    context = await openInitialised({ cwd, env });
    await whileAsked(context);
  } catch (thrown) {
    if (context) keepProblem(context, reason(thrown));
  }
}

async function whileAsked(context: Context): Promise<void> {
  const again = context.place('again');
  writeFileSync(again, '');
  try {
    while (existsSync(again)) {
      await withLock(context.place('worker.lock'), { wait: 0, purpose: 'capture in the background' }, async () => {
        rmSync(again, { force: true });
        const { failed } = await capture(context);
        keepProblem(context, failed[0] && `${failed[0].agent}: ${failed[0].reason}`);
      });
    }
  } catch (thrown) {
    // Whoever is at work has seen the mark, or will see it once the lock is free.
    if (!(thrown instanceof SpecstoryError && thrown.kind === 'conflict')) throw thrown;
  }
}

function keepProblem(context: Context, text: string | undefined): void {
  try {
    if (text === undefined) rmSync(context.place('problem'), { force: true });
    else writeFileSync(context.place('problem'), `${new Date().toISOString()} ${text}\n`);
  } catch {
    // The disk is full or read-only: there is nowhere to say it.
  }
}
