import { Command } from 'commander';
import { type CommandMaker, examples } from '../command.ts';
import { backupCommand } from './cloud-backup.ts';
import { memberCommand, projectCommand } from './cloud-projects.ts';
import { reindexCommand } from './cloud-reindex.ts';
import { tokenCommand } from './cloud-tokens.ts';
import { userCommand } from './cloud-users.ts';

export const cloudCommand: CommandMaker = (runtime) =>
  new Command('cloud')
    .summary('administer a server: accounts, tokens, projects, members, backups')
    .description(
      'Administers a server: on its data directory, where it may be running, or over its API with --server and a token of an ' +
        'administrator that has the scope admin.',
    )
    .addCommand(userCommand(runtime))
    .addCommand(tokenCommand(runtime))
    .addCommand(projectCommand(runtime))
    .addCommand(memberCommand(runtime))
    .addCommand(backupCommand(runtime))
    .addCommand(reindexCommand(runtime))
    .addHelpText(
      'after',
      examples([
        ['specstory cloud user add bob', 'make an account; asks for a password'],
        ['specstory cloud token add --user ci --scope capture:write', 'a token for a program'],
        ['specstory cloud backup /backup/monday', 'a copy of everything, while the server runs'],
        ['specstory cloud project list --server https://history.example.org --token -', 'over the API'],
      ]),
    );
