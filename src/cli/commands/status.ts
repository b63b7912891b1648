import { Command } from 'commander';
import { openContext } from '../../client/context.ts';
import { statusOf } from '../../client/health/status.ts';
import { counted } from '../../core/text.ts';
import { type CommandMaker, examples } from '../command.ts';

export const statusCommand: CommandMaker = (runtime) =>
  new Command('status')
    .summary('what is captured and what is pending')
    .description('Says what the history holds, what each agent has that is not captured yet, and how the hooks stand.')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory status', 'for people'],
        ['specstory status --json', 'for scripts'],
      ]),
    )
    .action(async (options: { json?: boolean }) => {
      const { output } = runtime;
      const status = await statusOf(await openContext(runtime));
      if (options.json) return output.json(status);
      const { sessions, exchanges } = status.history;
      output.line(status.initialised ? `writer ${status.writer}` : 'not set up: run specstory init');
      output.line(
        `history: ${counted(sessions, 'session')}, ${counted(exchanges, 'exchange')}${status.ignored > 0 ? `, ${status.ignored} ignored` : ''}`,
      );
      const rows = status.agents.map(({ agent, sources, pending }) => [agent, String(sources), String(pending)]);
      output.table(rows, ['AGENT', 'SOURCES', 'PENDING']);
      const bad = status.hooks.filter(({ state }) => state !== 'installed');
      if (status.initialised && bad.length === 0) output.line('hooks: installed');
      if (status.initialised)
        for (const { hook, state, hint } of bad) output.line(`hook ${hook}: ${state}${hint ? ` (${hint})` : ''}`);
      if (status.problem) output.note(`last capture: ${status.problem}`);
      for (const { path, reason } of status.unreadable) output.note(`cannot read ${path}: ${reason}`);
    });
