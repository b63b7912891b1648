import { Command } from 'commander';
import { signIns, whoami } from '../../client/account/account.ts';
import { type CommandMaker, examples } from '../command.ts';
import { exitCode } from '../output.ts';
import { loginCommand } from './login.ts';
import { logoutCommand } from './logout.ts';

export const authCommand: CommandMaker = (runtime) =>
  new Command('auth')
    .summary('who is signed in where')
    .description('Signs in and out, and tells who is signed in where.')
    .addCommand(statusCommand(runtime), { isDefault: true })
    .addCommand(whoamiCommand(runtime))
    .addCommand(loginCommand(runtime))
    .addCommand(logoutCommand(runtime))
    .addHelpText(
      'after',
      examples([
        ['specstory auth status', 'what this machine knows, without asking a server'],
        ['specstory auth whoami', 'what the server says; exit code 1 when nobody is signed in'],
      ]),
    );

const statusCommand: CommandMaker = (runtime) =>
  new Command('status')
    .summary('the sign-ins of this machine')
    .description(
      'Lists the sign-ins of this machine and where they are kept. Asks no server; the exit code is always 0.',
    )
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples([['specstory auth status --json', 'for scripts']]))
    .action(async (options: { json?: boolean }) => {
      const { output } = runtime;
      const { signIns: all, problem } = await signIns(runtime);
      if (options.json) {
        const found = all.map(({ server, name, expiresAt, renews, storedIn }) => {
          return { server, name, expires_at: expiresAt, renews, stored_in: storedIn };
        });
        return output.json({ sign_ins: found, problem });
      }
      if (problem) output.note(problem);
      if (all.length === 0) return output.line('nobody is signed in: run specstory login');
      const rows = all.map(({ server, name, expiresAt, renews, storedIn }) => [
        server,
        name ?? '–',
        renews ? 'renewed by itself' : (expiresAt ?? '–'),
        storedIn,
      ]);
      output.table(rows, ['SERVER', 'NAME', 'EXPIRES', 'KEPT IN']);
    });

const whoamiCommand: CommandMaker = (runtime) =>
  new Command('whoami')
    .summary('ask the server who you are')
    .description('Asks the server whom it takes you for. Exit code 1 when it does not know you, or cannot be asked.')
    .option('--server <url>', "the server's address; that of this repository's remote unless given")
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples([['specstory auth whoami', 'the name of the account']]))
    .action(async (options: { server?: string; json?: boolean }) => {
      const { output, cwd, env } = runtime;
      const found = await whoami({ cwd, env, server: options.server });
      if ('failure' in found) {
        runtime.exit(exitCode.failure);
        const { reason, text } = found.failure;
        if (options.json) return output.json({ server: found.server, name: null, reason, text });
        return output.note(
          reason === 'auth_required'
            ? `not signed in to ${found.server}: run specstory login`
            : `${found.server}: ${text}`,
        );
      }
      const { server, name, account, scopes, expiresAt } = found;
      if (options.json) return output.json({ server, name, account, scopes, expires_at: expiresAt });
      output.line(`${name} on ${server}`);
    });
