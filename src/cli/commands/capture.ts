import { Command } from 'commander';
import { agentNamed } from '../../client/agents.ts';
import { capture } from '../../client/capture/capture.ts';
import { openInitialised } from '../../client/context.ts';
import { type CommandMaker, examples } from '../command.ts';
import { exitCode } from '../output.ts';
import { captureJson, captureLines } from '../views/capture-view.ts';

interface Options {
  session?: string[];
  json?: boolean;
}

export const captureCommand: CommandMaker = (runtime) =>
  new Command('capture')
    .summary('capture what is new now')
    .description('Reads what is new in the stores of the agents and adds it to the history of this repository.')
    .argument('[agent]', 'only the conversations of this agent')
    .option('-s, --session <id...>', 'only these sessions')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory capture', 'everything that is new'],
        ['specstory capture claude', 'only conversations with Claude Code'],
        ['specstory capture -s 5d4c6a2e-… --json', 'one session, report for a script'],
      ]),
    )
    .action(async (agent: string | undefined, options: Options) => {
      const { output } = runtime;
      const context = await openInitialised(runtime);
      const report = await capture(context, {
        agents: agent === undefined ? [] : [agentNamed(agent)],
        sessions: options.session ?? [],
        progress: (done, total) => output.progress('capturing', done, total),
      });
      if (options.json) output.json(captureJson(report));
      else captureLines(output, report);
      if (report.failed.length > 0) runtime.exit(exitCode.partial);
    });
