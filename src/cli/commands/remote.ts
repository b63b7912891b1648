import { Command } from 'commander';
import { openContext, openInitialised } from '../../client/context.ts';
import { addRemote, planRemote } from '../../client/remote/add-remote.ts';
import { listRemotes } from '../../client/remote/list-remotes.ts';
import { removeRemote } from '../../client/remote/remove-remote.ts';
import { counted } from '../../core/text.ts';
import { type CommandMaker, examples } from '../command.ts';

export const remoteCommand: CommandMaker = (runtime) =>
  new Command('remote')
    .summary('name where the history of this repository is sent')
    .description(
      'Nothing leaves a repository before a remote was named in it. Adding one is the consent to send to it.',
    )
    .addCommand(addCommand(runtime))
    .addCommand(listCommand(runtime), { isDefault: true })
    .addCommand(removeCommand(runtime))
    .addHelpText(
      'after',
      examples([
        ['specstory remote add https://history.example.org', 'a specstory server'],
        ['specstory remote add git@github.com:team/app.git', 'a plain git host, beside the code'],
        ['specstory remote remove specstory', 'send nothing there any more'],
      ]),
    );

interface AddOptions {
  name: string;
  project?: string;
  onPush?: boolean;
  dryRun?: boolean;
}

const addCommand: CommandMaker = (runtime) =>
  new Command('add')
    .summary('name a remote, and agree to send to it')
    .description(
      'Adds a git remote whose refspecs carry the history and nothing else, and shows the settings. No other remote is touched. After it, specstory sync (or git push and git fetch with its name) exchanges history.',
    )
    .argument('<url>', 'https://host of a server, specstory://host/project, or a git host')
    .option('--name <name>', 'the name of the remote', 'specstory')
    .option('--project <id>', "the project on the server; unless given, SpecStory's id of this repository")
    .option('--on-push', 'sync in the background after each git push of code')
    .option('-n, --dry-run', 'only show what would change')
    .addHelpText(
      'after',
      examples([
        ['specstory remote add https://history.example.org', 'a server; then: specstory login, specstory sync'],
        ['specstory remote add https://history.example.org --on-push', 'and sync after each push of code'],
        ['specstory remote add ../backup.git --name backup', 'another repository of this machine'],
      ]),
    )
    .action(async (url: string, options: AddOptions) => {
      const { output, cwd } = runtime;
      const context = await openInitialised(runtime);
      const { name, project, onPush = false } = options;
      const plan = await planRemote(context, { url, name, onPush, cwd, ...(project === undefined ? {} : { project }) });
      for (const change of plan.changes) {
        if (change.kind === 'set' || change.kind === 'add') output.line(`  ${change.name} = ${change.value}`);
      }
      if (plan.changes.length === 0) output.line(`remote ${name} is there already, just so`);
      if (options.dryRun) return;
      await addRemote(context, plan);
      output.line(`${output.style('green', '✓')} the history of this repository may be sent to ${plan.target.url}`);
      if (plan.target.kind === 'specstory')
        output.line(
          `  project ${plan.target.address.project}: if you are no member of it, the first push makes one for you alone; to join your team’s, have its owner add you before`,
        );
      output.line('  who can read it: specstory sync routes · send it now: specstory sync');
    });

const listCommand: CommandMaker = (runtime) =>
  new Command('list')
    .alias('ls')
    .summary('the remotes that were named')
    .description('Lists the remotes that the history of this repository may be sent to.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples([['specstory remote list --json', 'for scripts']]))
    .action(async (options: { json?: boolean }) => {
      const { output } = runtime;
      const remotes = await listRemotes(await openContext(runtime));
      if (options.json) {
        return output.json(
          remotes.map(({ name, url, kind, project, onPush, problem }) => {
            return { name, url, kind, project, consent: problem === null, problem, on_push: onPush };
          }),
        );
      }
      if (remotes.length === 0) return output.line('none: nothing leaves this repository');
      const rows = remotes.map(({ name, url, project, onPush, problem }) => {
        return [name, project ?? '–', onPush ? 'yes' : 'no', problem ? `${url} (${problem})` : url];
      });
      output.table(rows, ['NAME', 'PROJECT', 'ON PUSH', 'ADDRESS']);
    });

const removeCommand: CommandMaker = (runtime) =>
  new Command('remove')
    .alias('rm')
    .summary('take the consent back, and the remote away')
    .description(
      'From now on nothing is sent there; a push that is under way is waited for. Removes the settings of the remote and the copies of what others sent there. What was sent stays on the other side.',
    )
    .argument('<name>', 'as specstory remote list has it')
    .addHelpText('after', examples([['specstory remote remove specstory', 'send nothing there any more']]))
    .action(async (name: string) => {
      const { output } = runtime;
      const { copies } = await removeRemote(await openContext(runtime), name);
      output.line(
        `${output.style('green', '✓')} nothing is sent to ${name} any more (${counted(copies, 'copied ref')} removed)`,
      );
    });
