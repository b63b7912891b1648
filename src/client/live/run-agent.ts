import { SpecstoryError } from '../../core/errors.ts';
import { attach } from '../../platform/process.ts';
import { type CaptureReport, capture } from '../capture/capture.ts';
import type { Context } from '../context.ts';
import { watch } from './watch.ts';

/** The programs of the agents that are started from a terminal. */
const programs: Readonly<Record<string, string>> = {
  claude: 'claude',
  codex: 'codex',
  cursor: 'cursor-agent',
  gemini: 'gemini',
};

export interface RunAgentOptions {
  /** Arguments for the agent, as they are. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Another program for the agent: from the command line only, never from a file of the repository. */
  readonly program?: string;
  readonly onCapture: (report: CaptureReport) => void;
}

/** Starts an agent in this terminal, captures while it runs and once more when it ends; gives its exit code. Throws `usage` for an agent without a program. */
export async function runAgent(context: Context, agent: string, options: RunAgentOptions): Promise<number> {
  const program = options.program ?? programs[agent];
  if (program === undefined) {
    const hint = `agents that can be started: ${Object.keys(programs).join(', ')}; or name a program with --command`;
    throw new SpecstoryError('usage', `'${agent}' is not started from a terminal`, { hint });
  }
  const ended = new AbortController();
  const watching = watch(context, { interval: 2_000, signal: ended.signal, onCapture: options.onCapture });
  // A capture that fails must not end the agent; what it had to say is said by the last one.
  const quiet = watching.catch(() => {});
  try {
    return await attach(program, options.args, { cwd: options.cwd, env: options.env });
  } finally {
    ended.abort();
    await quiet;
    options.onCapture(await capture(context));
  }
}
