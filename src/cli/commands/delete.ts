import { Command } from 'commander';
import { type Deletion, deleteFromHistory, planDeletion } from '../../client/annotate/delete.ts';
import { openInitialised } from '../../client/context.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { counted } from '../../core/text.ts';
import { type CommandMaker, examples } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Output } from '../output.ts';

interface Options {
  exchange?: string[];
  yes?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export const deleteCommand: CommandMaker = (runtime) =>
  new Command('delete')
    .summary('delete a session or exchanges for ever')
    .description(
      'Deletes a session with its sub-agents, or some exchanges of it, for everybody and for ever: no capture, push or copy brings them back. The text stays in earlier commits until a purge.',
    )
    .argument('<session>', 'the id of the session, or the beginning of it')
    .option('-e, --exchange <number-or-id...>', 'only these exchanges')
    .option('-y, --yes', 'do not ask')
    .option('-n, --dry-run', 'only say what would go')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory delete 5d4c', 'a session; asks first'],
        ['specstory delete 5d4c -e 3 --yes', 'one exchange of it'],
        ['specstory purge 5d4c', 'also take the text out of the commits'],
      ]),
    )
    .action(async (session: string, { exchange = [], yes, dryRun, json }: Options) => {
      const { output } = runtime;
      const context = await openInitialised(runtime);
      const named = { session, exchanges: exchange };
      const plan = await planDeletion(context, named);
      if (!json) explain(output, plan);
      if (dryRun) return json ? output.json(deletionJson(plan)) : undefined;
      if (!yes && !(await confirm(output, 'Delete for ever?'))) {
        throw new SpecstoryError('usage', 'nothing was deleted', { hint: '--yes does not ask' });
      }
      const done = await deleteFromHistory(context, named);
      if (json) output.json(deletionJson(done));
      else output.line(`${output.style('green', '✓')} deleted for ever`);
    });

function explain(output: Output, { name, sessions, exchanges, copiesIn, writers }: Deletion): void {
  const below = sessions.length > 1 ? ` with ${counted(sessions.length - 1, 'sub-agent session')}` : '';
  const what = sessions.length > 0 ? `the session "${name}"${below}` : `of the session "${name}"`;
  output.line(`goes: ${what}, ${counted(exchanges, 'exchange')}`);
  if (sessions.length === 0) output.line('goes: the original records of that session, which hold it too');
  if (copiesIn.length > 0) output.line(`goes: copies in ${copiesIn.join(', ')}`);
  output.line(
    'stays: the text in earlier commits of refs/specstory, here and wherever they were pushed, until a purge',
  );
  if (writers.length > 0)
    output.line(`stays: what other writers pushed (${writers.join(', ')}); nobody is shown it any more`);
}

function deletionJson({ session, sessions, exchanges, copiesIn, writers }: Deletion): Record<string, unknown> {
  return { session_id: session, sessions, exchanges, copies_in: copiesIn, other_writers: writers };
}
