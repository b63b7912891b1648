import { Command } from 'commander';
import { type PurgeReport, purgeLocally } from '../../client/annotate/purge.ts';
import { openInitialised } from '../../client/context.ts';
import { withHistory } from '../../client/history/open-history.ts';
import { findEvenDeleted } from '../../client/history/query.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { counted } from '../../core/text.ts';
import { type CommandMaker, examples } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Output } from '../output.ts';

interface Options {
  yes?: boolean;
  json?: boolean;
}

export const purgeCommand: CommandMaker = (runtime) =>
  new Command('purge')
    .summary('take a session out of every commit')
    .description(
      'Deletes sessions for ever and rewrites this clone’s refs as if they had never been captured. Says what it cannot reach: what remotes and other clones have.',
    )
    .argument('<sessions...>', 'ids of sessions, or the beginnings of them; deleted ones too')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory purge 5d4c', 'asks first'],
        ['git gc --prune=now', 'afterwards: drop the old objects at once'],
      ]),
    )
    .action(async (names: string[], { yes, json }: Options) => {
      const { output } = runtime;
      const context = await openInitialised(runtime);
      const ids = await withHistory(context, async (history) => names.map((name) => findEvenDeleted(history, name)));
      const question = `Rewrite the history of this clone without ${counted(ids.length, 'session')}?`;
      if (!yes && !(await confirm(output, question))) {
        throw new SpecstoryError('usage', 'nothing was purged', { hint: '--yes does not ask' });
      }
      const report = await purgeLocally(context, ids);
      if (json) output.json(report);
      else explain(output, report);
    });

function explain(output: Output, { purged, rewritten, remains, remotes }: PurgeReport): void {
  output.line(`${output.style('green', '✓')} ${counted(purged.length, 'session')} purged`);
  output.line(rewritten.length > 0 ? `rewritten: ${rewritten.join(', ')}` : 'no ref of this clone had it');
  output.line('its old objects stay in this repository until: git gc --prune=now');
  if (remains.length === 0) return;
  output.note(`not reached: ${remains.join(', ')}`);
  output.note(`  ${remotes.join(', ')} and the clones that fetched from there have it until it is purged there too`);
}
