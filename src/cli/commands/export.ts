import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { openContext } from '../../client/context.ts';
import { type Form, forms } from '../../client/history/convert.ts';
import { exportSessions } from '../../client/history/export.ts';
import { counted } from '../../core/text.ts';
import { type CommandMaker, examples } from '../command.ts';

interface Options {
  format: Form;
  output: string;
  all?: boolean;
  json?: boolean;
}

export const exportCommand: CommandMaker = (runtime) =>
  new Command('export')
    .summary('write sessions as files')
    .description('Writes sessions of the history as files into a folder: those named, or all of them.')
    .argument('[sessions...]', 'ids, or beginnings of ids')
    .requiredOption('-o, --output <folder>', 'where to write them')
    .addOption(new Option('--format <format>', 'what to write').choices(forms).default('markdown'))
    .option('-a, --all', 'with what is hidden')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory export -o sessions', 'everything, as Markdown'],
        ['specstory export 5d4c -o . --format session', 'one session, as SessionData JSON'],
        ['specstory export -o .specstory/history --format specstory', 'for tools that read SpecStory files'],
      ]),
    )
    .action(async (sessions: string[], options: Options) => {
      const { output } = runtime;
      const context = await openContext(runtime);
      const written = await exportSessions(context, sessions, {
        form: options.format,
        all: options.all,
        folder: resolve(runtime.cwd, options.output),
        progress: (done, total) => output.progress('writing', done, total),
      });
      if (options.json) return output.json(written.map(({ session, path }) => ({ session_id: session, path })));
      output.line(`${counted(written.length, 'session')} written to ${options.output}`);
    });
