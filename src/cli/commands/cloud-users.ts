import { Command } from 'commander';
import { SpecstoryError } from '../../core/errors.ts';
import { examples, type Runtime } from '../command.ts';
import { atPlace, type Place, type PlaceOptions, withPlace } from './cloud-place.ts';

interface Options extends PlaceOptions {
  password?: string | false;
  admin?: boolean;
  json?: boolean;
  disable?: boolean;
  enable?: boolean;
}

export function userCommand(runtime: Runtime): Command {
  return new Command('user')
    .summary('accounts of the server')
    .description('Makes, lists and changes the accounts of a server.')
    .addCommand(addCommand(runtime))
    .addCommand(listCommand(runtime))
    .addCommand(setCommand(runtime))
    .addHelpText('after', examples([['specstory cloud user list', 'who has an account']]));
}

function addCommand(runtime: Runtime): Command {
  return withPlace(new Command('add'))
    .summary('make an account')
    .description(
      'Makes an account. Without --password it asks for one on a terminal; a script makes one that is used by tokens only.',
    )
    .argument('<name>', 'letters, digits and . _ @ + -')
    .option('--password <->', '- reads the password from standard input')
    .option('--no-password', 'an account that is used by tokens only')
    .option('--admin', 'it may manage the server')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory cloud user add bob', 'asks for the password'],
        ['pass show bob | specstory cloud user add bob --password -', 'in a script'],
        ['specstory cloud user add ci --no-password', 'for tokens only'],
      ]),
    )
    .action(async (name: string, options: Options) =>
      atPlace(runtime, options, async (place) => {
        const password = await passwordOf(runtime, options, place, true);
        const user = await place.admin.addUser({ name, password, admin: options.admin });
        if (options.json) return runtime.output.json(user);
        runtime.output.line(`${user.name} has an account${user.admin ? ' and manages the server' : ''}`);
        if (password === undefined && options.password !== false)
          runtime.output.note(`no password: for tokens only, until specstory cloud user set ${name} --password -`);
      }),
    );
}

function listCommand(runtime: Runtime): Command {
  return withPlace(new Command('list'))
    .summary('list the accounts')
    .description('Lists the accounts of a server.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples([['specstory cloud user list --json', 'for a script']]))
    .action(async (options: Options) =>
      atPlace(runtime, options, async ({ admin }) => {
        const { output } = runtime;
        const users = await admin.users();
        if (options.json) return output.json(users);
        if (users.length === 0) return output.note('no accounts yet: run specstory cloud user add NAME --admin');
        const rows = users.map((user) => [
          user.name,
          user.disabled ? 'disabled' : user.admin ? 'administrator' : 'member',
          user.created_at.slice(0, 10),
        ]);
        output.table(rows, ['NAME', 'IS', 'SINCE']);
      }),
    );
}

function setCommand(runtime: Runtime): Command {
  return withPlace(new Command('set'))
    .summary('change a password, disable or enable an account')
    .description(
      'Changes an account. A new password or --disable signs its browsers out; a disabled account can do nothing at all.',
    )
    .argument('<name>', 'whose account')
    .option('--password <->', '- reads the new password from standard input')
    .option('--disable', 'nobody can use the account any more')
    .option('--enable', 'it can be used again')
    .option('--json', 'print it as JSON')
    .addHelpText('after', examples([['specstory cloud user set bob --disable', 'when somebody leaves']]))
    .action(async (name: string, options: Options) =>
      atPlace(runtime, options, async (place) => {
        const password = await passwordOf(runtime, options, place, false);
        if (password === undefined && options.disable === options.enable)
          throw new SpecstoryError('usage', 'nothing to change', { hint: 'say --password -, --disable or --enable' });
        const disabled = options.disable ? true : options.enable ? false : undefined;
        const user = await place.admin.changeUser(name, { password, disabled });
        if (options.json) return runtime.output.json(user);
        runtime.output.line(`${user.name} is ${user.disabled ? 'disabled' : 'changed'}`);
      }),
    );
}

async function passwordOf(
  { output }: Runtime,
  { password }: Options,
  { line }: Place,
  needed: boolean,
): Promise<string | undefined> {
  if (password === false) return undefined;
  if (password === '-') {
    const given = await line();
    if (given) return given;
    throw new SpecstoryError('usage', 'there is no password on standard input');
  }
  if (password !== undefined)
    throw new SpecstoryError('usage', 'a password on the command line can be read by everybody on this machine', {
      hint: 'write --password - and give it on standard input',
    });
  if (!needed) return undefined;
  // A script that wants a password gives one.
  if (!output.isTerminal || !process.stdin.isTTY) return undefined;
  const prompts = await import('@clack/prompts');
  const typed = await prompts.password({ message: 'Password (at least 10 characters)' });
  if (typeof typed === 'string') return typed;
  throw new SpecstoryError('usage', 'no password was given');
}
