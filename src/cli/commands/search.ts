import { Command, InvalidArgumentError } from 'commander';
import { type Context, openContext } from '../../client/context.ts';
import { showSession } from '../../client/history/show.ts';
import type { Searched } from '../../client/search/search-history.ts';
import { oneLine } from '../../core/text.ts';
import { type CommandMaker, examples, type Runtime } from '../command.ts';
import { exitCode } from '../output.ts';

interface Options {
  limit: number;
  cursor?: string;
  pack?: number;
  all?: boolean;
  json?: boolean;
  md?: boolean;
  paths?: boolean;
  explain?: boolean;
}

export const searchCommand: CommandMaker = (runtime) =>
  new Command('search')
    .summary('search the history')
    .description(
      'Searches every exchange of the history of this repository, yours and those you fetched, without a server. What can be asked is in docs/search.md. Without a query it asks for one on a terminal. The exit code is 0 when something was found and 1 when nothing was.',
    )
    .argument('[query...]', 'what to look for')
    .option('-n, --limit <number>', 'sessions on a page', wholeNumber, 10)
    .option('--cursor <cursor>', 'the next page, as the one before names it')
    .option(
      '--pack <tokens>',
      'quotes of what was found with where they are from, for an agent, in about so many tokens',
      wholeNumber,
    )
    .option('-a, --all', 'with what is hidden')
    .option('--json', 'print it as JSON')
    .option('--md', 'print it as Markdown')
    .option('--paths', 'print where in git each exchange is, for git show')
    .option('--explain', 'how the query was understood, and what took how long')
    .addHelpText(
      'after',
      examples([
        ['specstory search retry backoff', 'exchanges that have both words'],
        ['specstory search \'"cannot read properties" agent:codex\'', 'a text as it stands, by one agent'],
        ["specstory search 'edited:src/auth/** has:failing-test after:7d'", 'by files, by what happened, by time'],
        ['specstory search "flaky upload" --pack 4000', 'quotes to give to an agent'],
        ['git show $(specstory search deploy --paths | head -1)', 'the exchange itself'],
      ]),
    )
    .action(async (words: string[], options: Options) => {
      const context = await openContext(runtime);
      const text = words.join(' ');
      if (words.length === 0 && runtime.output.isTerminal && process.stdin.isTTY)
        return pick(runtime, context, options);
      const found = await find(runtime, context, text, options);
      await show(runtime, found, options);
      if (found.result.total.count === 0) runtime.exit(exitCode.failure);
    });

/** The index is loaded only here: no other command has to wait for its code. */
async function find({ output }: Runtime, context: Context, text: string, options: Options): Promise<Searched> {
  const { limit, cursor, pack, all, paths, explain, json } = options;
  const { searchHistory } = await import('../../client/search/search-history.ts');
  const progress = (done: number, total: number) => output.progress('indexing', done, total);
  return searchHistory(context, text, { limit, cursor, pack, all, paths, explain, facets: json, progress });
}

async function show({ output }: Runtime, found: Searched, options: Options): Promise<void> {
  const { foundJson, foundMarkdown, showExplain, showFound, showNotes } = await import('../views/search-view.ts');
  if (!options.json) showNotes(output, found);
  if (options.json) output.json(foundJson(found));
  else if (found.explain) showExplain(output, found.explain);
  else if (options.pack !== undefined) output.document(found.pack ?? '');
  else if (options.paths) for (const path of found.paths) output.line(path);
  else if (options.md) output.document(foundMarkdown(found));
  else showFound(output, found);
}

/** Asks what to look for, lists what was found, and shows what is chosen. The library is loaded only here, for people. */
async function pick(runtime: Runtime, context: Context, options: Options): Promise<void> {
  const prompts = await import('@clack/prompts');
  const text = await prompts.text({ message: 'Search the history', placeholder: 'retry backoff agent:codex' });
  if (prompts.isCancel(text)) return runtime.exit(exitCode.interrupted);
  const found = await find(runtime, context, text ?? '', { ...options, limit: 50 });
  const { showNotes } = await import('../views/search-view.ts');
  showNotes(runtime.output, found);
  const hits = found.result.groups.flatMap(({ title, hits }) => hits.map((hit) => ({ title, hit })));
  if (hits.length === 0) return runtime.exit(exitCode.failure);
  const choices = hits.map(({ title, hit }, value) => {
    const snippet = hit.snippet.pieces
      .map((piece) => piece.text)
      .join('')
      .replace(/\s+/g, ' ');
    return {
      value,
      // One line of 80 columns; what was found in the title is there already.
      label: runtime.output.style('reset', `${oneLine(title, 60)} #${hit.ordinal}`),
      ...(hit.snippet.field === 'title' ? {} : { hint: runtime.output.style('reset', oneLine(snippet, 60)) }),
    };
  });
  const chosen = await prompts.autocomplete({ message: 'Which exchange?', options: choices, maxItems: 12 });
  const hit = typeof chosen === 'number' ? hits[chosen]?.hit : undefined;
  if (!hit) return runtime.exit(exitCode.interrupted);
  const { text: shown } = await showSession(context, hit.session, { form: 'markdown', exchange: hit.exchange });
  runtime.output.document(shown);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('a whole number from 1 is needed');
}
