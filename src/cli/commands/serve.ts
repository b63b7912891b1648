import { Command } from 'commander';
import { type CommandMaker, examples, type Runtime } from '../command.ts';

interface Options {
  data?: string;
  listen?: string;
  publicUrl?: string;
  basePath?: string;
  databaseUrl?: string;
  settings?: boolean;
  json?: boolean;
}

export const serveCommand: CommandMaker = (runtime) =>
  new Command('serve')
    .summary('run a server that keeps what is pushed')
    .description(
      'Runs the server until it gets SIGTERM or SIGINT. Prints the address it listens on, and at the first start the address where the ' +
        'first account is made; its log goes to standard error. Settings come from flags, then from SPECSTORY_LISTEN and so on, then from ' +
        'server.toml in the data directory. TLS belongs to a proxy in front of it.',
    )
    .option('--data <dir>', 'the data directory (SPECSTORY_DATA)')
    .option('--listen <host:port>', 'where to listen; port 0 takes a free one')
    .option('--public-url <url>', 'the address under which people reach it')
    .option('--base-path <path>', 'the path below which it answers')
    .option('--database-url <url>', 'a database instead of SQLite in the data directory')
    .option('--settings', 'print every setting, its value and where it comes from, and end')
    .option('--json', 'with --settings: print them as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory serve', 'on this machine, port 4747'],
        ['specstory serve --data /srv/specstory --public-url https://history.example.org', 'behind a proxy'],
        ['specstory serve --settings', 'what is set, and where'],
      ]),
    )
    .action(async (options: Options) => {
      // The server is loaded only here: no other command has to wait for its code.
      const { describeSettings, loadSettings, serve } = await import('../../server/main.ts');
      const sources = { flags: flagsOf(options), env: runtime.env, cwd: runtime.cwd };
      if (options.settings) {
        const described = await describeSettings(sources);
        return options.json ? runtime.output.json(described) : printSettings(runtime, described);
      }
      const { output, version } = runtime;
      await serve(await loadSettings(sources), { version, say: (line) => output.line(line), stop: stopSignal() });
    });

function flagsOf({ data, listen, publicUrl, basePath, databaseUrl }: Options) {
  return { data, listen, public_url: publicUrl, base_path: basePath, database_url: databaseUrl };
}

interface Described {
  readonly data: string;
  readonly settings: readonly { name: string; value: unknown; from: string; meaning: string }[];
}

function printSettings({ output }: Runtime, described: Described): void {
  output.line(`data directory: ${described.data}`);
  const rows = described.settings.map(({ name, value, from, meaning }) => [name, JSON.stringify(value), from, meaning]);
  output.table(rows, ['SETTING', 'VALUE', 'FROM', 'MEANING']);
}

/** The first signal lets the server end in order; a second one ends it at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
