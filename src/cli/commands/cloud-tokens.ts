import { Command } from 'commander';
import { SpecstoryError } from '../../core/errors.ts';
import { examples, type Runtime } from '../command.ts';
import { atPlace, type PlaceOptions, withPlace } from './cloud-place.ts';

interface Options extends PlaceOptions {
  user?: string;
  name?: string;
  scope?: string[];
  expires?: string;
  json?: boolean;
}

export function tokenCommand(runtime: Runtime): Command {
  return new Command('token')
    .summary('tokens for programs')
    .description('Makes, lists and revokes personal tokens.')
    .addCommand(addCommand(runtime))
    .addCommand(listCommand(runtime))
    .addCommand(revokeCommand(runtime))
    .addHelpText('after', examples([['specstory cloud token list', 'every token of every account']]));
}

function addCommand(runtime: Runtime): Command {
  return withPlace(new Command('add'))
    .summary('make a token')
    .description('Makes a token and prints it, once.')
    .requiredOption('--user <name>', 'whose token')
    .requiredOption(
      '--scope <scope...>',
      'what it may do: capture:write, sessions:read, search:read, share:write, admin',
    )
    .option('--name <text>', 'what it is for', 'token')
    .option('--expires <when>', 'a date (2027-01-31) or days (30d), at most 366 days from now', '90d')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory cloud token add --user ci --scope capture:write --name builds', 'for continuous integration'],
        ['specstory cloud token add --user bob --scope sessions:read search:read --expires 7d', 'two scopes, a week'],
      ]),
    )
    .action(async (options: Options & { user: string; name: string; expires: string }) =>
      atPlace(runtime, options, async ({ admin }) => {
        const { user, name, scope: scopes = [], expires } = options;
        const made = await admin.addToken(user, { name, scopes, expires_at: timeOf(expires) });
        if (options.json) return runtime.output.json(made);
        runtime.output.line(made.token);
        runtime.output.note(`good until ${made.expires_at.slice(0, 10)}; it is not shown again`);
      }),
    );
}

function listCommand(runtime: Runtime): Command {
  return withPlace(new Command('list'))
    .summary('list tokens')
    .description('Lists personal tokens, never their text.')
    .option('--user <name>', 'only those of this account')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples([['specstory cloud token list --user ci', 'the tokens of one account']]))
    .action(async (options: Options) =>
      atPlace(runtime, options, async ({ admin }) => {
        const { output } = runtime;
        const tokens = await admin.tokens(options.user);
        if (options.json) return output.json(tokens);
        if (tokens.length === 0) return output.note('no tokens');
        const rows = tokens.map((token) => [
          token.id,
          token.user,
          token.name,
          token.last_used ?? 'never',
          token.expires_at.slice(0, 10),
          token.scopes.join(' '),
        ]);
        output.table(rows, ['ID', 'USER', 'NAME', 'LAST USED', 'EXPIRES', 'MAY']);
      }),
    );
}

function revokeCommand(runtime: Runtime): Command {
  return withPlace(new Command('revoke'))
    .summary('end a token')
    .description('Ends a token: the next request with it is refused.')
    .argument('<id>', 'its id, from the list')
    .addHelpText('after', examples([['specstory cloud token revoke 0b1c…', 'when it leaked or is not needed']]))
    .action(async (id: string, options: Options) =>
      atPlace(runtime, options, async ({ admin }) => {
        await admin.revokeToken(id);
        runtime.output.line('the token is revoked');
      }),
    );
}

/** A time in ISO 8601, from a date or a number of days. */
function timeOf(text: string): string {
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  const time = days === undefined ? Date.parse(text) : Date.now() + Number(days) * 86_400_000;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new SpecstoryError('usage', `${text} is no date`, { hint: 'write 2027-01-31 or 30d' });
}
