import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { logIn } from '../../client/account/account.ts';
import { openPage } from '../../client/account/open-page.ts';
import type { DeviceCode } from '../../client/account/sign-in.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { type CommandMaker, examples, type Runtime } from '../command.ts';
import { exitCode } from '../output.ts';

interface Options {
  server?: string;
  token?: string;
  open?: boolean;
  json?: boolean;
}

export const loginCommand: CommandMaker = (runtime) =>
  new Command('login')
    .summary('sign in to a server')
    .description(
      'Shows a code and a page; sign in there and compare the code. The token is kept in a file that only you can read, and is sent to that server only.',
    )
    .argument('[server]', 'the same as --server')
    .option('--server <url>', "the server's address; that of this repository's remote unless given")
    .option('--token <->', 'read a personal access token from standard input: the only value is -')
    .option('--open', 'open the page in the browser (on a terminal)')
    .option('--json', 'print who is signed in as JSON; the code goes to standard error')
    .addHelpText(
      'after',
      examples([
        ['specstory login --server https://history.example.org', 'with a browser, here or on another device'],
        ['specstory login --token - <token-file', 'with a personal access token, for machines'],
      ]),
    )
    .action(async (server: string | undefined, options: Options) => {
      const { output } = runtime;
      const place = { cwd: runtime.cwd, env: runtime.env, server: options.server ?? server };
      const signIn = await interruptible(runtime, async () =>
        logIn(
          place,
          options.token === undefined
            ? { show: (device) => showCode(runtime, device, options) }
            : { token: await tokenFrom(options.token) },
        ),
      );
      const { name, expires_at } = signIn;
      if (options.json)
        return output.json({ server: signIn.server, name: name ?? null, expires_at: expires_at ?? null });
      output.line(`${output.style('green', '✓')} signed in to ${signIn.server}${name ? ` as ${name}` : ''}`);
    });

/** A token on the command line would be seen by everybody on this machine. */
async function tokenFrom(value: string): Promise<string> {
  if (value === '-') return (await text(process.stdin)).trim();
  const hint = 'write --token - and give it on standard input: specstory login --token - <token-file';
  throw new SpecstoryError('usage', 'a token does not belong on the command line, where others can see it', { hint });
}

function showCode({ output }: Runtime, { code, page, pageWithCode }: DeviceCode, options: Options): void {
  const line = (text: string): void => (options.json ? output.note(text) : output.line(text));
  line(`open   ${page}`);
  line(`enter  ${output.style('bold', code)}`);
  line('waiting until you have agreed there (Ctrl-C to give up) …');
  if (options.open && output.isTerminal) void openPage(pageWithCode).catch(() => {});
}

async function interruptible<T>({ output }: Runtime, work: () => Promise<T>): Promise<T> {
  const leave = (): void => {
    output.note('specstory: not signed in');
    process.exit(exitCode.interrupted);
  };
  process.once('SIGINT', leave);
  try {
    return await work();
  } finally {
    process.off('SIGINT', leave);
  }
}
