import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { checkText } from '../../client/health/redact-check.ts';
import { openMachine } from '../../client/machine.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { type CommandMaker, examples } from '../command.ts';

interface Options {
  check?: boolean;
  json?: boolean;
}

export const redactCommand: CommandMaker = (runtime) =>
  new Command('redact')
    .summary('what the redactor does to a file')
    .description(
      'Prints a file as it would be stored, or with --check what would be taken out of it and why. Changes nothing.',
    )
    .argument('<file>', 'the file, or - for standard input')
    .option('--check', 'explain instead of printing the text; secrets are never shown')
    .option('--json', 'with --check: print the findings as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory redact --check session.jsonl', 'line, rule and reason of everything that would go'],
        ['cat notes.txt | specstory redact -', 'the text with placeholders'],
      ]),
    )
    .action((file: string, options: Options) => {
      const { output } = runtime;
      const text = readText(file === '-' ? 0 : resolve(runtime.cwd, file), file);
      const { redactor } = openMachine(runtime);
      if (!options.check) return output.document(redactor.text(text));
      const findings = checkText(redactor, text);
      if (options.json) return output.json(findings);
      if (findings.length === 0) return output.line(`nothing would be taken out of ${file}`);
      const rows = findings.map(({ line, column, rule, length, why }) => [
        `${line}:${column}`,
        rule,
        `${length} characters`,
        why,
      ]);
      output.table(rows, ['LINE', 'RULE', 'SIZE', 'WHY']);
    });

function readText(path: string | number, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SpecstoryError('not-found', `cannot read ${name}`, {
      hint: 'name a text file, or - for standard input',
      cause,
    });
  }
}
