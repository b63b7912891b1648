import { Command } from 'commander';
import { setTags } from '../../client/annotate/label.ts';
import { openContext, openInitialised } from '../../client/context.ts';
import { withHistory } from '../../client/history/open-history.ts';
import { findSession } from '../../client/history/query.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { type CommandMaker, examples, type Runtime } from '../command.ts';
import { showStatements } from '../views/statements-view.ts';

interface Options {
  exchange?: string[];
  list?: boolean;
  json?: boolean;
}

export const tagCommand: CommandMaker = (runtime) =>
  new Command('tag')
    .summary('put tags on a session, or take them off')
    .description(
      'Puts tags on a session, or on exchanges of it, and takes others off. Without tags: lists those it has.',
    )
    .argument('<session>', 'the id of the session, or the beginning of it')
    .argument('[tags...]', '+tag puts it on, -tag takes it off')
    .option('-e, --exchange <number-or-id...>', 'of these exchanges')
    .option('--list', 'list the tags of the session')
    .option('--json', 'print the result as JSON')
    .allowUnknownOption()
    .addHelpText(
      'after',
      examples([
        ['specstory tag 5d4c +security +login', 'put two on'],
        ['specstory tag 5d4c +login -draft', 'put one on, take one off'],
        ['specstory tag 5d4c -- -e2e', 'a tag that looks like an option'],
        ['specstory tag 5d4c --list', 'which it has'],
      ]),
    )
    .action(async (session: string, tags: string[], { exchange = [], list, json }: Options) => {
      if (list || tags.length === 0) return showTags(runtime, session, json);
      const wrong = tags.find((tag) => !/^(?:\+|-(?!-))./s.test(tag));
      if (wrong !== undefined) {
        throw new SpecstoryError('usage', `'${wrong}' is neither +tag nor -tag`, { hint: `did you mean +${wrong}?` });
      }
      const named = (sign: string) => tags.filter((tag) => tag.startsWith(sign)).map((tag) => tag.slice(1));
      const context = await openInitialised(runtime);
      const written = await setTags(context, { session, exchanges: exchange }, { add: named('+'), remove: named('-') });
      showStatements(runtime.output, written, json);
    });

async function showTags(runtime: Runtime, name: string, json: boolean | undefined): Promise<void> {
  const { output } = runtime;
  const found = await withHistory(await openContext(runtime), async (history) => findSession(history, name));
  if (json) return output.json({ session_id: found.meta.id, tags: found.tags });
  for (const tag of found.tags) output.line(tag);
}
