import { Command, Option } from 'commander';
import { openContext } from '../../client/context.ts';
import { forms } from '../../client/history/convert.ts';
import { showSession } from '../../client/history/show.ts';
import { type CommandMaker, examples } from '../command.ts';

interface Options {
  exchange?: string;
  format: (typeof forms)[number];
  json?: boolean;
}

export const showCommand: CommandMaker = (runtime) =>
  new Command('show')
    .summary('show one session, or one exchange of it')
    .description('Prints a session of the history as Markdown, or in another format.')
    .argument('<session>', 'the id of the session, or the beginning of it')
    .option('-e, --exchange <number-or-id>', 'only this exchange')
    .addOption(new Option('--format <format>', 'how to print it').choices(forms).default('markdown'))
    .option('--json', 'short for --format session')
    .addHelpText(
      'after',
      examples([
        ['specstory show 5d4c', 'the session whose id begins so'],
        ['specstory show 5d4c -e 3', 'its third exchange'],
        ['specstory show 5d4c --format specstory', 'as SpecStory Markdown v2.1'],
      ]),
    )
    .action(async (name: string, options: Options) => {
      const context = await openContext(runtime);
      const form = options.json ? 'session' : options.format;
      runtime.output.document(await showSession(context, name, { form, exchange: options.exchange }));
    });
