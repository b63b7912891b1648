import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import type { Runtime } from './command.ts';
import { commands } from './commands/index.ts';
import { exitCode, type Output, report } from './output.ts';

/** Builds the command line and runs it; gives the exit code. Holds the only catch of the program. */
export async function runProgram(argv: readonly string[], world: Omit<Runtime, 'exit'>): Promise<number> {
  let code: number = exitCode.ok;
  const runtime: Runtime = { ...world, exit: (chosen) => (code = chosen) };
  const program = programOf(runtime);
  tab(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCode.ok : exitCode.usage;
    return report(world.output, thrown);
  }
}

/** The whole command line, without completion. */
export function programOf(runtime: Runtime): Command {
  const program = configured(new Command('specstory'), runtime.output)
    .description('The reasoning behind code, kept in git.')
    .version(runtime.version, '-V, --version', 'the version');
  for (const make of commands) program.addCommand(configured(make(runtime), runtime.output));
  return program;
}

function configured(command: Command, output: Output): Command {
  for (const inner of command.commands) configured(inner, output);
  return command
    .helpOption('-h, --help', 'what it does, with examples')
    .showSuggestionAfterError()
    .showHelpAfterError('(run it with -h for help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.document(text),
      writeErr: (text) => output.note(text.trimEnd()),
    });
}
