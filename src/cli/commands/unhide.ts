import { Command } from 'commander';
import { type CommandMaker, examples } from '../command.ts';
import { hiding } from './hide.ts';

export const unhideCommand: CommandMaker = (runtime) =>
  hiding(runtime, false, new Command('unhide'))
    .summary('show again what was hidden')
    .description('Takes back what hide said of a session, or of some exchanges of it.')
    .addHelpText(
      'after',
      examples([
        ['specstory unhide 5d4c', 'a session'],
        ['specstory unhide 5d4c -e 2', 'one exchange of it'],
      ]),
    );
