import { Command } from 'commander';
import { capture } from '../../client/capture/capture.ts';
import { openContext } from '../../client/context.ts';
import { planSetup, setUp } from '../../client/install/setup.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { type CommandMaker, examples } from '../command.ts';
import { confirm } from '../confirm.ts';
import { captureLines } from '../views/capture-view.ts';
import { showPlan } from '../views/plan-view.ts';

interface Options {
  yes?: boolean;
  agentHooks?: boolean;
  capture: boolean;
  dryRun?: boolean;
}

export const initCommand: CommandMaker = (runtime) =>
  new Command('init')
    .summary('set up this repository')
    .description(
      'Installs the git hooks into what this repository uses already, shows what it will change before it does it, and captures what is there.',
    )
    .option('-y, --yes', 'do not ask')
    .option('--agent-hooks', 'also have the agents call after each turn (changes their settings)')
    .option('--no-capture', 'leave the first capture to the hooks')
    .option('-n, --dry-run', 'only show what would change')
    .addHelpText(
      'after',
      examples([
        ['specstory init', 'show the changes, ask, do them'],
        ['specstory init --yes', 'for scripts'],
        ['specstory init --agent-hooks', 'capture after every turn, not only at commits'],
      ]),
    )
    .action(async (options: Options) => {
      const { output } = runtime;
      const context = await openContext(runtime);
      const plan = await planSetup(context, { agentHooks: options.agentHooks ?? false });
      showPlan(output, plan, context.repository.root);
      if (options.dryRun) return;
      if (plan.changes.length > 0 && !options.yes && !(await confirm(output, 'Do it?'))) {
        throw new SpecstoryError('usage', 'nothing was changed', { hint: 'specstory init --yes does not ask' });
      }
      await setUp(context, plan);
      output.line(`${output.style('green', '✓')} conversations about this repository are captured from now on`);
      if (!options.capture) return;
      captureLines(
        output,
        await capture(context, { progress: (done, total) => output.progress('capturing', done, total) }),
      );
    });
