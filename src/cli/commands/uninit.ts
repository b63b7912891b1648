import { Command } from 'commander';
import { openContext } from '../../client/context.ts';
import { planRemoval, takeDown } from '../../client/install/setup.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { type CommandMaker, examples } from '../command.ts';
import { confirm } from '../confirm.ts';
import { showPlan } from '../views/plan-view.ts';

export const uninitCommand: CommandMaker = (runtime) =>
  new Command('uninit')
    .summary('undo init, byte for byte')
    .description(
      'Puts every file back as it was before init. What was captured stays in refs/specstory until you delete it.',
    )
    .option('-y, --yes', 'do not ask')
    .option('-n, --dry-run', 'only show what would change')
    .addHelpText(
      'after',
      examples([
        ['specstory uninit', 'show the changes, ask, do them'],
        ['git update-ref -d refs/specstory/history', 'also delete what was captured'],
      ]),
    )
    .action(async (options: { yes?: boolean; dryRun?: boolean }) => {
      const { output } = runtime;
      const context = await openContext(runtime);
      const plan = planRemoval(context);
      showPlan(output, plan, context.repository.root);
      if (options.dryRun) return;
      if (plan.changes.length > 0 && !options.yes && !(await confirm(output, 'Do it?'))) {
        throw new SpecstoryError('usage', 'nothing was changed', { hint: 'specstory uninit --yes does not ask' });
      }
      await takeDown(context, plan);
      output.line(
        `${output.style('green', '✓')} nothing is captured for this repository any more; the history stays in refs/specstory`,
      );
    });
