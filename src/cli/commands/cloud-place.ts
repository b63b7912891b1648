import { createInterface, type Interface } from 'node:readline';
import type { Command } from 'commander';
import { online } from '../../client/account/online.ts';
import {
  type Administration,
  type ProjectName,
  remoteAdministration,
} from '../../client/cloud/remote-administration.ts';
import { type Reindexed, remoteReindex } from '../../client/cloud/remote-reindex.ts';
import { SpecstoryError } from '../../core/errors.ts';
import type { Runtime } from '../command.ts';

/** Where to administer, as every command of `cloud` takes it. */
export interface PlaceOptions {
  data?: string;
  server?: string;
  token?: string;
}

/** What a command works with. */
export interface Place {
  readonly admin: Administration;
  /** Has the index made anew, of one project or of all, and hears how far it is. */
  reindex(project: ProjectName | undefined, hear: (event: Reindexed) => void): Promise<void>;
  /** The next line of standard input; nothing at its end. */
  line(): Promise<string | undefined>;
}

export function withPlace(command: Command): Command {
  return command
    .option('--data <dir>', 'the data directory of the server (SPECSTORY_DATA)')
    .option('--server <url>', 'a server to administer over its API')
    .option('--token <->', 'with --server: - reads the token from standard input (else SPECSTORY_TOKEN)');
}

/** Does work at the place the options name. */
export async function atPlace(
  runtime: Runtime,
  options: PlaceOptions,
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const { line, close } = linesOf(process.stdin);
  try {
    if (options.server === undefined) return await onData(runtime, options, (found) => work({ ...found, line }));
    const { server } = options;
    const token = await tokenOf(runtime, options, line);
    await online(runtime, async ({ http }) => {
      const admin = remoteAdministration(http, server, token);
      await work({ admin, reindex: (project, hear) => remoteReindex(http, { server, token, project }, hear), line });
    });
  } finally {
    close();
  }
}

/** The server is loaded only here: no other command has to wait for its code. */
async function onData(
  { env, cwd }: Runtime,
  { data }: PlaceOptions,
  work: (found: Omit<Place, 'line'>) => Promise<void>,
): Promise<void> {
  const { administer, reindex } = await import('../../server/main.ts');
  const sources = { flags: { data }, env, cwd };
  await administer(sources, (admin) => work({ admin, reindex: (project, hear) => reindex(sources, project, hear) }));
}

async function tokenOf({ env }: Runtime, { token }: PlaceOptions, line: Place['line']): Promise<string> {
  if (token !== undefined && token !== '-')
    throw new SpecstoryError('usage', 'a token on the command line can be read by everybody on this machine', {
      hint: 'write --token - and give it on standard input, or set SPECSTORY_TOKEN',
    });
  const found = token === '-' ? (await line())?.trim() : env.SPECSTORY_TOKEN;
  if (found) return found;
  throw new SpecstoryError('usage', '--server needs a token', {
    hint: 'write --token - and give it on standard input',
  });
}

/** Opens the input with the first line that is asked for. */
function linesOf(input: NodeJS.ReadStream): Pick<Place, 'line'> & { close(): void } {
  let reader: Interface | undefined;
  let lines: AsyncIterator<string> | undefined;
  return {
    line: async () => {
      reader ??= createInterface({ input });
      lines ??= reader[Symbol.asyncIterator]();
      const { value, done } = await lines.next();
      return done ? undefined : value;
    },
    close: () => reader?.close(),
  };
}
