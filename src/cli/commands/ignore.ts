import { Command } from 'commander';
import { openInitialised } from '../../client/context.ts';
import { ignoreSessions, listIgnored, stopIgnoring } from '../../client/history/ignore.ts';
import { type CommandMaker, examples } from '../command.ts';

interface Options {
  undo?: boolean;
  json?: boolean;
}

export const ignoreCommand: CommandMaker = (runtime) =>
  new Command('ignore')
    .summary('do not save a conversation')
    .description(
      'Leaves conversations out of the history from now on, and takes them out of what is not pushed yet. Without an id: lists what is left out.',
    )
    .argument('[sessions...]', 'ids of sessions')
    .option('--undo', 'save them again')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory ignore 5d4c6a2e-…', 'forget this conversation'],
        ['specstory ignore --undo 5d4c6a2e-…', 'the next capture takes it again'],
        ['specstory ignore', 'what is left out'],
      ]),
    )
    .action(async (ids: string[], options: Options) => {
      const { output } = runtime;
      const context = await openInitialised(runtime);
      if (ids.length === 0) {
        const ignored = listIgnored(context);
        if (options.json) return output.json(ignored);
        for (const id of ignored) output.line(id);
        return;
      }
      if (options.undo) {
        await stopIgnoring(context, ids);
        return options.json
          ? output.json({ ignored: listIgnored(context) })
          : output.line('the next capture takes them again');
      }
      const report = await ignoreSessions(context, ids);
      if (options.json) return output.json(report);
      for (const id of report.removed) output.line(`taken out of the history: ${id}`);
      for (const id of report.pushed) output.note(`${id} was pushed before: what others have is not changed by this`);
      output.line(`${ids.length === 1 ? 'it is' : 'they are'} not saved from now on`);
    });
