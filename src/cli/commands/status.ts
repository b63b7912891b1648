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
      const { sessions, exchanges, hidden, forked } = status.history;
      output.line(status.initialised ? `writer ${status.writer}` : 'not set up: run specstory init');
      const also = { hidden, forked, ignored: status.ignored };
      const more = Object.entries(also).flatMap(([word, number]) => (number > 0 ? [`${number} ${word}`] : []));
      const counts = [counted(sessions, 'session'), counted(exchanges, 'exchange'), ...more];
      output.line(`history: ${counts.join(', ')}`);
      const others = status.writers.filter(({ own }) => !own);
      if (others.length > 0) output.line(`fetched: the history of ${counted(others.length, 'other writer')}`);
      const rows = status.agents.map(({ agent, sources, pending }) => [agent, String(sources), String(pending)]);
      output.table(rows, ['AGENT', 'SOURCES', 'PENDING']);
      const bad = status.hooks.filter(({ state }) => state !== 'installed');
      if (status.initialised && bad.length === 0) output.line('hooks: installed');
      if (status.initialised)
        for (const { hook, state, hint } of bad) output.line(`hook ${hook}: ${state}${hint ? ` (${hint})` : ''}`);
      if (status.problem) output.note(`last capture: ${status.problem}`);
      for (const { text, hint } of status.warnings) output.note(`${text}\n  hint: ${hint}`);
      for (const { path, reason } of status.unreadable) output.note(`cannot read ${path}: ${reason}`);
    });
