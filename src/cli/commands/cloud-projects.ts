import { Command, Option } from 'commander';
import type { ProjectName } from '../../client/cloud/remote-administration.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { examples, type Runtime } from '../command.ts';
import { atPlace, type PlaceOptions, withPlace } from './cloud-place.ts';

interface Options extends PlaceOptions {
  json?: boolean;
  role?: string;
}

export function projectCommand(runtime: Runtime): Command {
  const list = withPlace(new Command('list'))
    .summary('list the projects of everybody')
    .description('Lists the projects of a server with their owners. A project is named OWNER/ID elsewhere.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples([['specstory cloud project list', 'a table']]))
    .action(async (options: Options) =>
      atPlace(runtime, options, async ({ admin }) => {
        const { output } = runtime;
        const projects = await admin.projects();
        if (options.json) return output.json(projects);
        if (projects.length === 0) return output.note('no projects yet: they are made by the first push');
        const rows = projects.map(({ owner, id, created_at }) => [`${owner}/${id}`, created_at.slice(0, 10)]);
        output.table(rows, ['PROJECT', 'SINCE']);
      }),
    );
  return new Command('project')
    .summary('projects of the server')
    .description('Lists the projects of a server.')
    .addCommand(list)
    .addHelpText('after', examples([['specstory cloud project list --json', 'for a script']]));
}

export function memberCommand(runtime: Runtime): Command {
  return new Command('member')
    .summary('members of a project')
    .description('Adds, lists and removes the members of a project. Who is added by an administrator need not accept.')
    .addCommand(addCommand(runtime))
    .addCommand(listCommand(runtime))
    .addCommand(removeCommand(runtime))
    .addHelpText('after', examples([['specstory cloud member list alice/1a2b-3c4d-5e6f-7a8b', 'who is in a project']]));
}

function addCommand(runtime: Runtime): Command {
  return withPlace(new Command('add'))
    .summary('add a member, or change a role')
    .description('Gives an account a role in a project.')
    .argument('<project>', 'OWNER/ID')
    .argument('<name>', 'whose account')
    .addOption(new Option('--role <role>', 'what it may do').choices(['reader', 'writer', 'owner']).default('writer'))
    .addHelpText(
      'after',
      examples([['specstory cloud member add alice/my-project bob --role reader', 'bob may fetch']]),
    )
    .action(async (project: string, name: string, options: Options & { role: string }) =>
      atPlace(runtime, options, async ({ admin }) => {
        const member = await admin.setMember(projectName(project), name, options.role);
        runtime.output.line(`${member.name} is ${member.role} of ${project}`);
      }),
    );
}

function listCommand(runtime: Runtime): Command {
  return withPlace(new Command('list'))
    .summary('list the members of a project')
    .description('Lists the members of a project, those included who have yet to accept.')
    .argument('<project>', 'OWNER/ID')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples([['specstory cloud member list alice/my-project', 'a table']]))
    .action(async (project: string, options: Options) =>
      atPlace(runtime, options, async ({ admin }) => {
        const members = await admin.members(projectName(project));
        if (options.json) return runtime.output.json(members);
        const rows = members.map(({ name, role, invited }) => [name, role, invited ? 'invited' : '']);
        runtime.output.table(rows, ['NAME', 'ROLE', '']);
      }),
    );
}

function removeCommand(runtime: Runtime): Command {
  return withPlace(new Command('remove'))
    .summary('remove a member')
    .description('Takes an account out of a project: its next request is answered as if there were none.')
    .argument('<project>', 'OWNER/ID')
    .argument('<name>', 'whose account')
    .addHelpText('after', examples([['specstory cloud member remove alice/my-project bob', 'bob sees nothing of it']]))
    .action(async (project: string, name: string, options: Options) =>
      atPlace(runtime, options, async ({ admin }) => {
        await admin.removeMember(projectName(project), name);
        runtime.output.line(`${name} is no member of ${project}`);
      }),
    );
}

/** OWNER/ID in parts. Throws `usage`. */
export function projectName(text: string): ProjectName {
  const [owner, id, ...more] = text.split('/');
  if (owner && id && more.length === 0) return { owner, id };
  throw new SpecstoryError('usage', `${text} names no project`, {
    hint: 'write OWNER/ID, as specstory cloud project list shows it',
  });
}
