import { Command, Option } from 'commander';
import { openContext } from '../../client/context.ts';
import { forms } from '../../client/history/convert.ts';
import { showSession } from '../../client/history/show.ts';
import { type CommandMaker, examples } from '../command.ts';

interface Options {
  exchange?: string;
  format: (typeof forms)[number];
  json?: boolean;
  writer?: string;
  all?: boolean;
}

export const showCommand: CommandMaker = (runtime) =>
  new Command('show')
    .summary('show one session, or one exchange of it')
    .description('Prints a session of the history as Markdown, or in another format.')
    .argument('<session>', 'the id of the session, or the beginning of it')
    .option('-e, --exchange <number-or-id>', 'only this exchange')
    .option('-w, --writer <id>', 'only what this writer has of it, where several have told it differently')
    .option('-a, --all', 'with hidden exchanges')
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
      const { exchange, writer, all } = options;
      const { text, notes } = await showSession(context, name, { form, exchange, writer, all });
      runtime.output.document(text);
      for (const note of notes) runtime.output.note(note);
    });
