import { Command } from 'commander';
import { logOut } from '../../client/account/account.ts';
import { type CommandMaker, examples } from '../command.ts';

export const logoutCommand: CommandMaker = (runtime) =>
  new Command('logout')
    .summary('sign out of a server')
    .description('Takes the token off this machine and has the server revoke it; says whether the server did.')
    .option('--server <url>', "the server's address; that of this repository's remote unless given")
    .option('--json', 'print what happened as JSON')
    .addHelpText('after', examples([['specstory logout', 'of the only server, or of that of this repository']]))
    .action(async (options: { server?: string; json?: boolean }) => {
      const { output, cwd, env } = runtime;
      const out = await logOut({ cwd, env, server: options.server });
      if (options.json) {
        return output.json({
          server: out.server,
          was_signed_in: out.wasSignedIn,
          revoked: out.wasSignedIn && out.revoked,
          reason: (out.wasSignedIn && out.why) || null,
        });
      }
      if (!out.wasSignedIn) output.line(`nobody was signed in to ${out.server}`);
      else if (out.revoked) output.line(`signed out of ${out.server}; the server has revoked the token`);
      else {
        output.line(`signed out of ${out.server} on this machine`);
        output.note(`the server did not revoke the token: ${out.why ?? 'no answer'}`);
      }
      if (env.SPECSTORY_TOKEN !== undefined) output.note('SPECSTORY_TOKEN is still set in the environment');
    });
