import { runRemote } from './run-remote.ts';

/** What was written for git is with git before we leave. */
const leave = (code: number): void => void process.stdout.write('', () => process.exit(code));

// `runRemote` says what went wrong; the second is the last resort.
void runRemote(process.argv.slice(2), process).then(leave, () => leave(128));
