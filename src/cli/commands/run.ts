import { Command } from 'commander';
import { openInitialised } from '../../client/context.ts';
import { runAgent } from '../../client/live/run-agent.ts';
import { type CommandMaker, examples } from '../command.ts';
import { summary } from '../views/capture-view.ts';

export const runCommand: CommandMaker = (runtime) =>
  new Command('run')
    .summary('start an agent and capture while it runs')
    .description('Starts an agent in this terminal, captures while it runs, and ends with its exit code.')
    .argument('<agent>', 'claude, codex, cursor or gemini')
    .argument('[args...]', 'arguments for the agent, after --')
    .option('-c, --command <program>', 'another program for the agent')
    .addHelpText(
      'after',
      examples([
        ['specstory run claude', 'Claude Code, captured'],
        ['specstory run codex -- --model gpt-5', 'with arguments'],
      ]),
    )
    .action(async (agent: string, args: string[], options: { command?: string }) => {
      const context = await openInitialised(runtime);
      const { cwd, env, output } = runtime;
      let captured = 0;
      const code = await runAgent(context, agent, {
        args,
        cwd,
        env,
        ...(options.command === undefined ? {} : { program: options.command }),
        onCapture: (report) => {
          captured += report.captured.reduce((sum, session) => sum + session.added, 0);
        },
      });
      output.note(summary(captured));
      runtime.exit(code);
    });
