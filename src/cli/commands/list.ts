import { Command } from 'commander';
import { agentNamed } from '../../client/agents.ts';
import { openContext } from '../../client/context.ts';
import { type Listed, listSessions } from '../../client/history/query.ts';
import { type CommandMaker, examples } from '../command.ts';
import type { Output } from '../output.ts';

interface Options {
  writer?: string;
  all?: boolean;
  json?: boolean;
}

export const listCommand: CommandMaker = (runtime) =>
  new Command('list')
    .alias('ls')
    .summary('list the sessions in the history')
    .description(
      'Lists the sessions in the history of this repository, yours and those you fetched from others, oldest first, sub-agents below their parent.',
    )
    .argument('[agent]', 'only the sessions of this agent')
    .option('-w, --writer <id>', 'only the sessions of this writer (the beginning of its id)')
    .option('-a, --all', 'with those that are hidden')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory list', 'a table'],
        ['specstory list codex --json', 'for a script'],
        ['specstory list --all', 'with hidden sessions'],
      ]),
    )
    .action(async (agent: string | undefined, options: Options) => {
      const { output } = runtime;
      const wanted = agent === undefined ? undefined : agentNamed(agent);
      const all = await listSessions(await openContext(runtime), (path, why) =>
        output.note(`left out: ${path}: ${why}`),
      );
      const sessions = all
        .filter(({ meta }) => wanted === undefined || meta.agent === wanted)
        .filter(({ writers }) => writers.some((id) => id.startsWith(options.writer ?? '')));
      const visible = sessions.filter(({ hidden }) => options.all || !hidden);
      if (options.json) return output.json(visible.map(listedJson));
      if (visible.length > 0) showTable(output, visible);
      else
        output.note(
          sessions.length > 0 ? 'all are hidden: --all shows them' : 'nothing captured yet: run specstory capture',
        );
    });

/** Writers are told apart only where there are several. */
function showTable(output: Output, sessions: readonly Listed[]): void {
  const isShared = new Set(sessions.flatMap(({ writers }) => writers)).size > 1;
  const rows = sessions.map((session) => [
    session.meta.id.slice(0, 36),
    session.meta.agent,
    ...(isShared ? [authorName(session)] : []),
    (session.meta.createdAt ?? '').slice(0, 16).replace('T', ' '),
    String(session.count),
    `${session.meta.parent ? '└ ' : ''}${session.name}${marksOf(session)}`,
  ]);
  output.table(rows, ['SESSION', 'AGENT', ...(isShared ? ['AUTHOR'] : []), 'CREATED (UTC)', 'EXCHANGES', 'NAME']);
}

function authorName({ copies }: Listed): string {
  const names = new Set(copies.map(({ tip }) => tip.author.replace(/ <[^>]*>$/, '').slice(0, 24)));
  return [...names].join(', ');
}

function marksOf({ tags, forked, hidden }: Listed): string {
  const marks = [...tags.map((tag) => `#${tag}`), ...(forked ? ['(forked)'] : []), ...(hidden ? ['(hidden)'] : [])];
  return marks.map((mark) => ` ${mark}`).join('');
}

function listedJson({ meta, name, slug, count: exchanges, ...session }: Listed): Record<string, unknown> {
  const [best] = session.copies;
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
    title: session.title ?? meta.title ?? null,
    tags: session.tags,
    hidden: session.hidden,
    forked: session.forked,
    writer: best?.writer ?? null,
    author: best?.tip.author ?? null,
    writers: session.writers,
  };
}
