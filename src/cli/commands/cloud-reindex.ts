import { Command } from 'commander';
import { counted } from '../../core/text.ts';
import { examples, type Runtime } from '../command.ts';
import { atPlace, type PlaceOptions, withPlace } from './cloud-place.ts';
import { projectName } from './cloud-projects.ts';

interface Options extends PlaceOptions {
  json?: boolean;
}

export function reindexCommand(runtime: Runtime): Command {
  return withPlace(new Command('reindex'))
    .summary('make the index of a server anew from git')
    .description(
      'Makes the rows about what was pushed anew from the repositories: of one project, or of all. On a data directory no server may run; one that runs does ' +
        'it itself with --server, and lists less than there is until it is done.',
    )
    .argument('[project]', 'OWNER/ID; all projects unless told')
    .option('--json', 'print a line of JSON for each project as it is done')
    .addHelpText(
      'after',
      examples([
        ['specstory cloud reindex', 'everything, while no server runs'],
        [
          'specstory cloud reindex alice/my-project --server https://history.example.org --token -',
          'by the server itself',
        ],
      ]),
    )
    .action(async (project: string | undefined, options: Options) =>
      atPlace(runtime, options, async ({ reindex }) => {
        const { output } = runtime;
        let projects = 0;
        await reindex(project === undefined ? undefined : projectName(project), (event) => {
          output.progress(`${event.project}: ${counted(event.items, 'item')}`, event.number - 1, event.of);
          if (event.rejected === undefined) return;
          projects++;
          const { project: name, items, rejected } = event;
          if (options.json) return output.event({ project: name, items, rejected });
          const told = rejected > 0 ? `, ${rejected} not taken in: its status says why` : '';
          output.line(`${output.style('green', '✓')} ${name}: ${counted(items, 'item')}${told}`);
        });
        output.progress('projects', projects, projects);
        if (projects === 0 && !options.json) output.note('no projects yet: there is nothing to index');
      }),
    );
}
