import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { convertFile, forms, printSession } from '../../client/history/convert.ts';
import { openMachine } from '../../client/machine.ts';
import { type CommandMaker, examples } from '../command.ts';

interface Options {
  agent?: string;
  session?: string;
  to: (typeof forms)[number];
}

export const convertCommand: CommandMaker = (runtime) =>
  new Command('convert')
    .summary('print one native transcript in another form')
    .description(
      'Reads one transcript or database as an agent left it and prints the session in it, redacted. Needs no repository.',
    )
    .argument('<file>', 'the transcript or database')
    .option('--agent <id>', 'the agent that wrote it (found out from the content otherwise)')
    .option('--session <id>', 'which session, when there are several')
    .addOption(new Option('--to <form>', 'what to print').choices(forms).default('markdown'))
    .addHelpText(
      'after',
      examples([
        ['specstory convert session.jsonl', 'as Markdown'],
        ['specstory convert state.vscdb --session 1f2e… --to session', 'one of many, as SessionData JSON'],
      ]),
    )
    .action((file: string, options: Options) => {
      const machine = openMachine(runtime);
      const session = convertFile(resolve(runtime.cwd, file), { ...machine, ...chosen(options) });
      runtime.output.document(printSession(session, options.to));
    });

function chosen({ agent, session }: Options): { agent?: string; session?: string } {
  return { ...(agent === undefined ? {} : { agent }), ...(session === undefined ? {} : { session }) };
}
