import { terminalOutput } from './output.ts';
import { runProgram } from './program.ts';
import { version } from './version.ts';

// A reader that went away (`specstory list | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

async function main(): Promise<void> {
  const output = terminalOutput(process.stdout, process.stderr);
  const argv = process.argv.slice(2);
  process.exitCode = await runProgram(argv, { output, cwd: process.cwd(), env: process.env, version });
}

void main();
