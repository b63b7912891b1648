import { Command } from 'commander';
import { counted } from '../../core/text.ts';
import { examples, type Runtime } from '../command.ts';

interface Options {
  data?: string;
  json?: boolean;
}

export function backupCommand(runtime: Runtime): Command {
  return new Command('backup')
    .summary('copy everything a server keeps, while it runs')
    .description(
      'Copies the data directory of a server into a new folder: index, repositories, accounts and settings, as a data directory that specstory serve can be ' +
        'started on. The folder appears whole or not at all. A server on PostgreSQL is backed up with pg_dump.',
    )
    .argument('<dir>', 'a folder that is new or empty, on a disk of its own at best')
    .option('--data <dir>', 'the data directory of the server (SPECSTORY_DATA)')
    .option('--json', 'print what was copied as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory cloud backup /backup/$(date +%F)', 'one for each day'],
        ['specstory serve --data /backup/2027-01-31', 'start from a copy; copy it first if it is to stay'],
      ]),
    )
    .action(async (folder: string, { data, json }: Options) => {
      const { output, env, cwd } = runtime;
      const { backUp } = await import('../../server/main.ts');
      const made = await backUp({ flags: { data }, env, cwd }, folder, (done, total) =>
        output.progress('repositories', done, total),
      );
      if (json) return output.json(made);
      const what = `accounts, index and repositories of ${counted(made.repositories, 'project')}`;
      output.line(`${output.style('green', '✓')} ${what} (${counted(made.refs, 'ref')}) in ${made.folder}`);
    });
}
