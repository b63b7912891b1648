import { Command } from 'commander';
import type { CaptureReport } from '../../client/capture/capture.ts';
import { openInitialised } from '../../client/context.ts';
import { watch } from '../../client/live/watch.ts';
import { type CommandMaker, examples } from '../command.ts';
import { captureEvents, captureLines } from '../views/capture-view.ts';

export const watchCommand: CommandMaker = (runtime) =>
  new Command('watch')
    .summary('capture as agents work, until Ctrl-C')
    .description(
      'Captures the conversations of all agents while they happen, in one process, until it is stopped with Ctrl-C.',
    )
    .option('--json', 'print one line of JSON per captured session')
    .option('--interval <seconds>', 'seconds between two looks', seconds, 2)
    .addHelpText(
      'after',
      examples([
        ['specstory watch', 'a line for every session that grew'],
        ['specstory watch --json | jq .session_id', 'events for a script'],
      ]),
    )
    .action(async (options: { json?: boolean; interval: number }) => {
      const { output } = runtime;
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
      if (!options.json) output.note('watching; Ctrl-C ends it');
      const onCapture = (report: CaptureReport) =>
        options.json ? captureEvents(output, report) : captureLines(output, report);
      const context = await openInitialised(runtime);
      await watch(context, { interval: options.interval * 1000, signal: stop.signal, onCapture });
    });

function seconds(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) && value >= 0.1 ? Math.min(value, 3600) : 2;
}
