import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { terminalOutput } from '../../src/cli/output.ts';
import { programOf } from '../../src/cli/program.ts';

const program = programOf({
  output: terminalOutput(process.stdout, process.stderr),
  cwd: '/',
  env: {},
  version: '0',
  exit: () => {},
});

/** `specstory …` in code and hints: the words behind it up to the end of the command. Prose about specstory has no command in it. */
function commandsIn(text: string): string[] {
  const found = text.matchAll(
    /(?:^|[^A-Za-z0-9_./:@-])specstory((?: (?:-{1,2}[a-z][a-z-]*|\$\{[^}]*\}|[A-Z]+\b|<[^>]+>|[a-z][a-z-]*))+)/gm,
  );
  return [...found].map(([, words = '']) => words.trim());
}

/** Strings and templates of a source: where text for people is. */
function literals(source: string): string {
  const withoutComments = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...withoutComments.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)]
    .map(([text]) => text.slice(1, -1))
    .join('\n');
}

function resolve(words: string): { command: Command; rest: string[] } | undefined {
  const rest = words.split(' ');
  let command = program;
  for (let next = sub(command, rest[0]); next; next = sub(command, rest[0])) {
    command = next;
    rest.shift();
  }
  return command === program ? undefined : { command, rest };
}

const sub = (command: Command, name: string | undefined): Command | undefined =>
  command.commands.find((one) => one.name() === name || one.aliases().includes(name ?? ''));

/** Words that follow the name of the product in sentences. */
const prose = new Set(['itself', 'is', 'again', 'session', 'server', 'wrote', 'to']);

const sources = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));
const pages = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const all = [
  ...sources.flatMap((file) => commandsIn(literals(readFileSync(file, 'utf8'))).map((words) => ({ file, words }))),
  ...pages.flatMap((file) => {
    const code = [...readFileSync(file, 'utf8').matchAll(/`([^`\n]+)`|^\$ (.*)$/gm)].map(
      ([, quoted, typed]) => quoted ?? typed ?? '',
    );
    return code.flatMap((line) => commandsIn(line).map((words) => ({ file, words })));
  }),
].filter(({ words }) => !prose.has(words.split(' ')[0] ?? ''));

describe('what people are told to run (R24)', () => {
  it('is looked for where it is', () => {
    expect(all.length).toBeGreaterThan(40);
    expect(all.map(({ words }) => words)).toContain('sync status --check');
  });

  it('is a command that there is, with options that it has', () => {
    for (const { file, words } of all) {
      const resolved = resolve(words);
      expect(resolved, `${file}: specstory ${words}`).toBeDefined();
      const command = resolved?.command ?? program;
      const isDefault = command.commands.find(
        (one) => one.name() === 'now' || one.name() === 'list' || one.name() === 'status',
      );
      const options = [command, ...(isDefault ? [isDefault] : [])].flatMap((one) => one.options);
      for (const word of resolved?.rest ?? []) {
        const has =
          options.some((option) => option.short === word || option.long === word) || ['-h', '--help'].includes(word);
        if (word.startsWith('-') && word !== '-') expect(has, `${file}: specstory ${words}`).toBe(true);
      }
      // A word in small letters where a group wants one of its commands is a command that there is not.
      const next = resolved?.rest[0] ?? '';
      if (command.commands.length > 0 && /^[a-z]+$/.test(next))
        expect.soft(next, `${file}: specstory ${words}`).toBe('');
    }
  });
});
