import { Command } from 'commander';
import type { Check } from '../../client/health/check.ts';
import { examine } from '../../client/health/doctor.ts';
import { type CommandMaker, examples } from '../command.ts';
import { exitCode } from '../output.ts';

const marks = { ok: ['green', '✓'], warning: ['yellow', '!'], failure: ['red', '✗'] } as const;

export const doctorCommand: CommandMaker = (runtime) =>
  new Command('doctor')
    .summary('look for what is wrong, and say how to mend it')
    .description('Checks git, Node, the hooks, the stores of the agents, the history and the remotes. Changes nothing.')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory doctor', 'every check with its result'],
        ['specstory doctor --json', 'for scripts'],
      ]),
    )
    .action(async (options: { json?: boolean }) => {
      const { output } = runtime;
      const checks = await examine(runtime);
      if (checks.some(({ state }) => state === 'failure')) runtime.exit(exitCode.failure);
      if (options.json) return output.json(checks);
      for (const check of checks) {
        const [colour, mark] = marks[check.state];
        output.line(`${output.style(colour, mark)} ${output.style('bold', check.name)} ${check.text}${hint(check)}`);
      }
    });

function hint(check: Check): string {
  return check.hint === undefined || check.state === 'ok' ? '' : `\n    hint: ${check.hint}`;
}
