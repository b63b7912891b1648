import path from 'node:path';
import { hasBlock } from '../../core/marked-block.ts';
import { shellQuote } from '../../core/shell-quote.ts';
import { addToFile } from './hook-file.ts';
import { type HookName, hookNames } from './hook-script.ts';
import { type Change, readBytes } from './plan.ts';

/** The configuration that belongs to this repository and to nobody else. */
export function configFile(commonDir: string): string {
  return path.join(commonDir, 'config');
}

/** The change that makes git call us by its configuration: it runs `hook.<name>.command` for each `hook.<name>.event` by a shell, with the arguments of the hook behind it. */
export function addToConfiguration(commonDir: string): Change[] {
  const file = configFile(commonDir);
  const script = shellQuote(path.join(commonDir, 'specstory', 'hook'));
  const section = (hook: HookName): string => {
    const command = JSON.stringify(`[ ! -r ${script} ] || sh ${script} ${hook}`);
    return `[hook "specstory-${hook}"]\n\tevent = ${hook}\n\tcommand = ${command}\n`;
  };
  const what = 'git calls us beside the hooks that are there';
  return addToFile(file, hookNames.map(section).join(''), { place: 'end', head: '' }, what).map((change) => ({
    ...change,
    lock: `${file}.lock`,
  }));
}

/** Whether git's configuration calls us. */
export function isInConfiguration(commonDir: string): boolean {
  return hasBlock(readBytes(configFile(commonDir))?.toString('latin1') ?? '');
}
