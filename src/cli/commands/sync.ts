import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { openContext, openInitialised } from '../../client/context.ts';
import { routes } from '../../client/remote/routes.ts';
import { syncStatus } from '../../client/sync/status.ts';
import { sync } from '../../client/sync/sync.ts';
import type { SyncOptions } from '../../client/sync/sync-options.ts';
import { type CommandMaker, examples, type Runtime } from '../command.ts';
import { confirm } from '../confirm.ts';
import { exitCode } from '../output.ts';
import { routeLines, syncStatusJson, syncStatusLines } from '../views/sync-status-view.ts';
import { syncExit, syncJson, syncLines } from '../views/sync-view.ts';

export const syncCommand: CommandMaker = (runtime) =>
  new Command('sync')
    .summary('exchange history with the remotes that were named')
    .description(
      'Captures, sends what is unsent, and fetches what others sent. What cannot be sent now stays in the history and goes out with the next sync.',
    )
    .addCommand(nowCommand(runtime), { isDefault: true })
    .addCommand(statusCommand(runtime))
    .addCommand(routesCommand(runtime))
    .addHelpText(
      'after',
      examples([
        ['specstory sync', 'the same as specstory sync now'],
        ['specstory sync --dry-run', 'what would be sent and fetched'],
        ['specstory sync status --check', 'what is unsent, and whether the server can be reached'],
        ['specstory sync routes', 'where this repository sends what, and who can read it'],
      ]),
    );

interface Options {
  session?: string;
  dryRun?: boolean;
  verbose?: boolean;
  json?: boolean;
  report?: string;
  yes?: boolean;
  sendOnly?: boolean;
  onPush?: boolean;
}

const nowCommand: CommandMaker = (runtime) =>
  new Command('now')
    .summary('capture, send and fetch now')
    .description(
      'Captures, sends what is unsent to each remote that was named, and fetches from it. Exit codes: 0 done, 1 failed, 2 refused (no remote named, another protocol), 3 done in part (something was rejected), 4 sign-in needed, 75 not reachable (kept, goes out later).',
    )
    .option('-u, --session <id>', 'capture and report only this session; unsent ones before it go along')
    .option('-n, --dry-run', 'only show what would be captured, sent and fetched')
    .option('-v, --verbose', 'a line per session')
    .option('--json', 'print the report as JSON')
    .option('--report <file>', 'also write the report as JSON to a file')
    .option('-y, --yes', 'send for the first time also where everybody, or nobody knows who, can read')
    .option('--send-only', 'do not fetch: for tokens that may not read')
    .option('--on-push', 'only the remotes that follow a push of code (the pre-push hook asks for it)')
    .addHelpText(
      'after',
      examples([
        ['specstory sync', 'everything'],
        ['specstory sync -u 1b0c5d1e-6a53-4e0c-9a39-0d3c3a1f6f52', 'see that one session arrives'],
        ['specstory sync --json --report sync.json', 'for scripts'],
      ]),
    )
    .action(async (options: Options) => {
      const { output, cwd } = runtime;
      const report = await sync(await openInitialised(runtime), syncOptions(runtime, options));
      output.progress('sync', 1, 1);
      if (options.report !== undefined) {
        writeFileSync(resolve(cwd, options.report), `${JSON.stringify(syncJson(report), null, 2)}\n`);
      }
      if (options.json) output.json(syncJson(report));
      else syncLines(output, report, options.verbose ?? false);
      runtime.exit(syncExit(report));
    });

function syncOptions(runtime: Runtime, options: Options): SyncOptions {
  const { output, cwd, env } = runtime;
  const { session, dryRun = false, sendOnly = false, onPush = false } = options;
  return {
    cwd,
    env,
    dryRun,
    sendOnly,
    onPush,
    ...(session === undefined ? {} : { session }),
    ...(output.isTerminal ? { progress: (phase, percent) => output.progress(phase, percent, 100) } : {}),
    capturing: (done, total) => output.progress('capturing', done, total),
    founding: ({ name }, { detail }) => output.note(`${name}: ${detail}`),
    agree: async ({ name, url }, { visibility, detail }) => {
      if (options.yes) return true;
      if (!output.isTerminal || !process.stdin.isTTY || options.json) return false;
      const who = visibility === 'public' ? 'Everybody can read' : 'It is not known who can read';
      return confirm(output, `${who} ${url} (${name}: ${detail}). Send the conversations there?`);
    },
  };
}

const statusCommand: CommandMaker = (runtime) =>
  new Command('status')
    .summary('what is unsent, unfetched, rejected or not known')
    .description(
      'Counts from the refs themselves. With --check it also asks the remotes: Connected, Reachable (sign-in or permission missing), Unreachable or Error. Exit code 1 when a check finds something that is not well.',
    )
    .option('-c, --check', 'ask the remotes')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      examples([
        ['specstory sync status', 'without the network'],
        ['specstory sync status -c --json', 'for monitoring'],
      ]),
    )
    .action(async (options: { check?: boolean; json?: boolean }) => {
      const { output, cwd, env } = runtime;
      const { check = false } = options;
      const status = await syncStatus(await openContext(runtime), { cwd, env, check });
      if (check && status.healthy === false) runtime.exit(exitCode.failure);
      if (options.json) output.json(syncStatusJson(status));
      else syncStatusLines(output, status);
    });

const routesCommand: CommandMaker = (runtime) =>
  new Command('routes')
    .summary('where this repository sends what, and who can read it')
    .description('Asks each server for the members of the project, and each plain host whether strangers can read.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples([['specstory sync routes --json', 'for scripts']]))
    .action(async (options: { json?: boolean }) => {
      const { output, cwd, env } = runtime;
      const found = await routes(await openContext(runtime), { cwd, env });
      if (!options.json) return routeLines(output, found);
      output.json(found.map(({ onPush, ...route }) => ({ ...route, on_push: onPush })));
    });
