import { Command } from 'commander';
import { setHidden } from '../../client/annotate/label.ts';
import { openInitialised } from '../../client/context.ts';
import { type CommandMaker, examples, type Runtime } from '../command.ts';
import { showStatements } from '../views/statements-view.ts';

interface Options {
  exchange?: string[];
  json?: boolean;
}

export const hideCommand: CommandMaker = (runtime) =>
  hiding(runtime, true, new Command('hide'))
    .summary('leave a session or exchanges out of listings and shares')
    .description(
      'Hides a session with its sub-agents, or some exchanges of it, from listings, exports and shares, for everybody. The text stays in git: see delete and purge.',
    )
    .addHelpText(
      'after',
      examples([
        ['specstory hide 5d4c', 'a session'],
        ['specstory hide 5d4c -e 2 -e 5', 'two exchanges of it'],
        ['specstory list --all', 'see what is hidden'],
      ]),
    );

/** `hide` and its reverse take the same words. */
export function hiding(runtime: Runtime, value: boolean, command: Command): Command {
  return command
    .argument('<session>', 'the id of the session, or the beginning of it')
    .option('-e, --exchange <number-or-id...>', 'only these exchanges')
    .option('--json', 'print what was written as JSON')
    .action(async (session: string, { exchange = [], json }: Options) => {
      const written = await setHidden(await openInitialised(runtime), { session, exchanges: exchange }, value);
      showStatements(runtime.output, written, json);
    });
}
