import type { Command } from 'commander';
import type { Output } from './output.ts';

/** What a command gets from the outside. */
export interface Runtime {
  readonly output: Output;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  /** Sets the exit code of the program; 0 unless set. */
  exit(code: number): void;
}

/** One command: a file in `commands/`, listed in `commands/index.ts`. */
export type CommandMaker = (runtime: Runtime) => Command;

/** The examples at the end of a command's help: command line and what it does. */
export function examples(list: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...list.map(([command]) => command.length));
  const lines = list.map(([command, meaning]) => `  $ ${command.padEnd(width)}   ${meaning}`);
  return `\nExamples:\n${lines.join('\n')}\n`;
}
