import { Command } from 'commander';
import { setTitle } from '../../client/annotate/label.ts';
import { openInitialised } from '../../client/context.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { type CommandMaker, examples } from '../command.ts';
import { showStatements } from '../views/statements-view.ts';

interface Options {
  exchange?: string;
  clear?: boolean;
  json?: boolean;
}

export const titleCommand: CommandMaker = (runtime) =>
  new Command('title')
    .summary('give a session or an exchange a title')
    .description(
      'Gives a session, or one exchange of it, a title that everybody sees. It stays when the session is captured again.',
    )
    .argument('<session>', 'the id of the session, or the beginning of it')
    .argument('[text...]', 'the title')
    .option('-e, --exchange <number-or-id>', 'of this exchange')
    .option('--clear', 'take the title back')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory title 5d4c "The login, mended"', 'of a session'],
        ['specstory title 5d4c -e 3 Where it went wrong', 'of its third exchange'],
        ['specstory title 5d4c --clear', 'as the agent called it'],
      ]),
    )
    .action(async (session: string, words: string[], { exchange, clear, json }: Options) => {
      const text = words.join(' ');
      if ((text === '') !== (clear ?? false)) {
        throw new SpecstoryError('usage', 'give either a title or --clear', {
          hint: 'specstory title SESSION "The title"',
        });
      }
      const named = { session, exchanges: exchange === undefined ? [] : [exchange] };
      const written = await setTitle(await openInitialised(runtime), named, clear ? undefined : text);
      showStatements(runtime.output, written, json);
    });
