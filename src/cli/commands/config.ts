import { Command, Option } from 'commander';
import { openContext } from '../../client/context.ts';
import { configValues, setConfig } from '../../client/settings/config-values.ts';
import { type CommandMaker, examples } from '../command.ts';

interface Options {
  level: 'user' | 'project';
  json?: boolean;
}

export const configCommand: CommandMaker = (runtime) =>
  new Command('config')
    .summary('show or change settings')
    .description('Shows every setting with its value and where it comes from; with a key and a value, sets it.')
    .argument('[key]', 'a setting, such as capture.raw')
    .argument('[value]', 'its new value: true, false, a text, or a list as JSON')
    .addOption(new Option('--level <level>', 'the file to change').choices(['user', 'project']).default('user'))
    .option('--json', 'print the settings as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory config', 'all settings'],
        ['specstory config capture.raw false', 'do not keep original records, for all repositories'],
        ['specstory config capture.mirror true --level project', 'for this repository'],
      ]),
    )
    .action(async (key: string | undefined, value: string | undefined, options: Options) => {
      const { output } = runtime;
      const context = await openContext(runtime);
      const place = { host: context.host, root: context.repository.root };
      if (key !== undefined && value !== undefined) {
        const file = await setConfig(place, options.level, key, value);
        return output.line(`${key} is set in ${file}`);
      }
      const values = configValues(place, key);
      if (options.json) return output.json(values);
      if (key !== undefined) return output.line(JSON.stringify(values[0]?.value));
      const rows = values.map(({ key: name, value: now, from, meaning }) => [name, JSON.stringify(now), from, meaning]);
      output.table(rows, ['SETTING', 'VALUE', 'FROM', 'MEANING']);
    });
