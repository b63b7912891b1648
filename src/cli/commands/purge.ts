import { Command } from 'commander';
import { type FullPurge, purgeEverywhere } from '../../client/annotate/purge-everywhere.ts';
import { openInitialised } from '../../client/context.ts';
import { withHistory } from '../../client/history/open-history.ts';
import { findEvenDeleted } from '../../client/history/query.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { counted } from '../../core/text.ts';
import { type CommandMaker, examples } from '../command.ts';
import { confirm } from '../confirm.ts';
import { exitCode, type Output } from '../output.ts';

interface Options {
  yes?: boolean;
  json?: boolean;
}

export const purgeCommand: CommandMaker = (runtime) =>
  new Command('purge')
    .summary('take a session out of every commit, here and on servers')
    .description(
      'Deletes sessions for ever and rewrites the refs of this clone, and on every remote that was named, as if they had never been captured. Says what it cannot reach. Exit code 3 when a remote still has something of it.',
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
      const question = `Rewrite the history, here and on the remotes that were named, without ${counted(ids.length, 'session')}?`;
      if (!yes && !(await confirm(output, question))) {
        throw new SpecstoryError('usage', 'nothing was purged', { hint: '--yes does not ask' });
      }
      const { cwd, env } = runtime;
      const asking = (remote: string) => output.progress(`asking ${remote}`, 0, 1);
      const report = await purgeEverywhere(context, ids, { cwd, env, asking });
      output.progress('purge', 1, 1);
      if (report.servers.some(({ outcome }) => outcome !== 'purged')) runtime.exit(exitCode.partial);
      if (json) output.json(report);
      else explain(output, report);
    });

function explain(output: Output, { purged, rewritten, remains, servers }: FullPurge): void {
  output.line(`${output.style('green', '✓')} ${counted(purged.length, 'session')} purged`);
  output.line(rewritten.length > 0 ? `rewritten: ${rewritten.join(', ')}` : 'no ref of this clone had it');
  for (const { remote, outcome, remains: left } of servers) {
    const mark = outcome === 'purged' ? output.style('green', '✓') : output.style('yellow', '!');
    output.line(`${mark} ${output.style('bold', remote)} ${words[outcome]}`);
    for (const text of left) output.note(`  ${text}`);
  }
  output.line('the old objects stay in this repository until: git gc --prune=now');
  if (remains.length > 0) output.note(`copies here that still have it: ${remains.join(', ')}`);
  if (servers.length > 0) {
    output.note('clones that fetched it have the old objects until their own git gc; backups are not reached');
  }
}

const words: Readonly<Record<FullPurge['servers'][number]['outcome'], string>> = {
  purged: 'purged, and the objects are gone there',
  rewritten: 'this clone’s refs were rewritten there',
  failed: 'not reached: run this again',
};
