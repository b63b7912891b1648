import { setTimeout as sleep } from 'node:timers/promises';
import { SpecstoryError } from '../../core/errors.ts';
import { type CaptureReport, capture } from '../capture/capture.ts';
import { readText } from '../capture/read-text.ts';
import type { Context } from '../context.ts';

export interface WatchOptions {
  /** Milliseconds between two looks. */
  readonly interval: number;
  readonly signal: AbortSignal;
  /** Hears of every capture that wrote something or failed. */
  readonly onCapture: (report: CaptureReport) => void;
}

/**
 * Captures whatever any agent writes, until `signal` says stop. It looks at times of folders and of recent files instead of asking
 * the system for events: that costs next to nothing, needs no file descriptors, and misses nothing on any file system.
 */
export async function watch(context: Context, options: WatchOptions): Promise<void> {
  let seen = '';
  while (!options.signal.aborted) {
    const now = glance(context);
    if (now !== seen) {
      const report = await captureOnce(context);
      if (report !== undefined) {
        // What was written while the capture was at it shows as a difference the next time.
        seen = now;
        if (report.captured.length > 0 || report.failed.length > 0) options.onCapture(report);
      }
    }
    await sleep(options.interval, undefined, { signal: options.signal }).catch(() => {});
  }
}

/** Another capture at work is no failure: what it leaves is looked at the next time. */
async function captureOnce(context: Context): Promise<CaptureReport | undefined> {
  try {
    return await capture(context, { wait: 5_000 });
  } catch (thrown) {
    if (thrown instanceof SpecstoryError && thrown.kind === 'conflict') return undefined;
    throw thrown;
  }
}

/** The times of everything in which something new would show (the last capture wrote down where), as one text to compare. */
function glance(context: Context): string {
  const places = readText(context.place('places')).split('\n');
  return places.map((path) => `${path} ${context.host.files.stat(path)?.modified ?? ''}`).join('\n');
}
