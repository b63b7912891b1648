import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { openInitialised } from '../../client/context.ts';
import { importFiles, markdownFiles } from '../../client/history/import.ts';
import { counted } from '../../core/text.ts';
import { type CommandMaker, examples } from '../command.ts';
import { exitCode } from '../output.ts';

export const importCommand: CommandMaker = (runtime) =>
  new Command('import')
    .summary('add sessions from SpecStory Markdown files')
    .description('Adds sessions from files that SpecStory wrote (Markdown v1.x to v2.1) to the history.')
    .argument('[paths...]', 'files, or folders that hold them (.specstory/history unless named)')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory import', 'what lies in .specstory/history'],
        ['specstory import old/*.md', 'some files'],
      ]),
    )
    .action(async (paths: string[], options: { json?: boolean }) => {
      const { output } = runtime;
      const context = await openInitialised(runtime);
      const named = paths.length > 0 ? paths : [join(context.repository.root, '.specstory', 'history')];
      const files = markdownFiles(named.map((path) => resolve(runtime.cwd, path)));
      const report = await importFiles(context, files, (done, total) => output.progress('importing', done, total));
      if (report.failed.length > 0) runtime.exit(exitCode.partial);
      if (options.json) {
        const imported = report.imported.map(({ session, agent, added }) => ({
          session_id: session,
          provider: agent,
          exchanges_added: added,
        }));
        return output.json({ ...report, imported });
      }
      output.line(`${counted(report.imported.length, 'session')} imported, ${report.unchanged} were there already`);
      for (const { path, reason } of report.failed) output.note(`not imported: ${path}: ${reason}`);
    });
