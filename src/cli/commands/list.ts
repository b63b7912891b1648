import { Command } from 'commander';
import { agentNamed } from '../../client/agents.ts';
import { openContext } from '../../client/context.ts';
import { type Listed, listSessions } from '../../client/history/query.ts';
import { type CommandMaker, examples } from '../command.ts';

export const listCommand: CommandMaker = (runtime) =>
  new Command('list')
    .alias('ls')
    .summary('list the sessions in the history')
    .description('Lists the sessions in the history of this repository, oldest first, sub-agents below their parent.')
    .argument('[agent]', 'only the sessions of this agent')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory list', 'a table'],
        ['specstory list codex --json', 'for a script'],
      ]),
    )
    .action(async (agent: string | undefined, options: { json?: boolean }) => {
      const { output } = runtime;
      const wanted = agent === undefined ? undefined : agentNamed(agent);
      const all = await listSessions(await openContext(runtime), (path, why) =>
        output.note(`left out: ${path}: ${String(why)}`),
      );
      const sessions = all.filter(({ meta }) => wanted === undefined || meta.agent === wanted);
      if (options.json) return output.json(sessions.map(listedJson));
      if (sessions.length === 0) return output.note('nothing captured yet: run specstory capture');
      const rows = sessions.map((session) => [
        session.meta.id.slice(0, 36),
        session.meta.agent,
        (session.meta.createdAt ?? '').slice(0, 16).replace('T', ' '),
        String(session.count),
        `${session.meta.parent ? '└ ' : ''}${session.name}`,
      ]);
      output.table(rows, ['SESSION', 'AGENT', 'CREATED (UTC)', 'EXCHANGES', 'NAME']);
    });

function listedJson({ meta, name, slug, count: exchanges }: Listed): Record<string, unknown> {
  return {
    session_id: meta.id,
    created_at: meta.createdAt ?? null,
    updated_at: meta.updatedAt ?? null,
    slug,
    name,
    provider: meta.agent,
    exchanges,
    parent_session_id: meta.parent ?? null,
    branch: meta.branch ?? null,
  };
}
