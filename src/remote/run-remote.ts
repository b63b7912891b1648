import { constants } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import { reason, SpecstoryError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { attachRemoteHttp } from '../git/transport.ts';
import { type Address, parseAddress } from '../protocol/address.ts';
import { Conversation } from './conversation.ts';
import { type Credentials, openCredentials } from './credentials.ts';
import { Delegate } from './delegate.ts';
import { GitService } from './git-service.ts';
import { type HttpSettings, readHttpSettings } from './http-settings.ts';
import { Lines } from './lines.ts';
import { openHttp } from './open-http.ts';
import { PushRecord } from './push-record.ts';
import { tokenEnvironment } from './token-environment.ts';

type Process = Pick<NodeJS.Process, 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'on'>;

const usage = `git-remote-specstory ${manifest.version}: git starts it for remotes whose address is specstory://host/project\n`;

/** The program `git-remote-specstory`. Gives its exit code: 128 where git says so, 128 + the number of a signal that ended it. */
export async function runRemote(argv: readonly string[], process: Process): Promise<number> {
  const [remote = '', url = remote] = argv;
  const say = (words: readonly string[]): void => {
    for (const line of words) process.stderr.write(`specstory: ${printable(line)}\n`);
  };
  if (remote === '' || (argv.length === 1 && /^(?:--version|--help|-h)$/.test(remote))) {
    process.stdout.write(usage);
    return remote === '' ? 129 : 0;
  }
  try {
    return await serve(remote, parse(url), process, say);
  } catch (thrown) {
    say([reason(thrown), ...(thrown instanceof SpecstoryError && thrown.hint ? [`  hint: ${thrown.hint}`] : [])]);
    return 128;
  }
}

/** Throws `usage` for what is no address of ours, before anything is started. */
function parse(url: string): Address {
  if (/[\0-\x20\x7f]/.test(url))
    throw new SpecstoryError('usage', 'an address holds no spaces and no control characters');
  return parseAddress(url);
}

async function serve(
  remote: string,
  address: Address,
  process: Process,
  say: (words: readonly string[]) => void,
): Promise<number> {
  const { env } = process;
  const asker = { cwd: process.cwd(), env };
  // git gives the address as the name of a remote that has none; what begins with a hyphen is no name.
  const name = remote.startsWith('-') || remote.includes('://') ? undefined : remote;
  const settings = await readHttpSettings(address.git, asker, name);
  const { origin } = address;
  const http = openHttp(asker, { [origin]: settings });
  const credentials = hasAuthorization(settings) ? nobody : openCredentials({ env, http });
  if (settings.passthrough || settings.foreign.length > 0) {
    if (!settings.passthrough)
      say([`git's own client is used, because of ${settings.foreign.join(', ')}; sessions are not counted`]);
    const authorization = await credentials.authorization(origin);
    const withToken = authorization ? tokenEnvironment(env, origin, [`Authorization: ${authorization}`]) : env;
    return attachRemoteHttp(name ?? address.git, address.git, { cwd: asker.cwd, env: withToken });
  }
  return converse({ name, address, settings, credentials, http, process, say });
}

interface Parts {
  readonly name: string | undefined;
  readonly address: Address;
  readonly settings: HttpSettings;
  readonly credentials: Credentials;
  readonly http: ReturnType<typeof openHttp>;
  readonly process: Process;
  readonly say: (words: readonly string[]) => void;
}

async function converse({ name, address, settings, credentials, http, process, say }: Parts): Promise<number> {
  const { env, stdin, stdout: out, stderr: err } = process;
  const cwd = process.cwd();
  const { signal, code, abandon } = signals(process);
  const userAgent = `git-specstory/${manifest.version}`;
  const { followRedirects, postBuffer } = settings;
  const service = new GitService({ address, http, credentials, userAgent, followRedirects, signal });
  const record = new PushRecord();
  const lines = new Lines(stdin);
  signal.addEventListener('abort', () => lines.close());
  out.on('error', abandon);
  const remote = name ?? address.git;
  const delegate = new Delegate({ remote, cwd, env, origin: address.origin, service, signal, out, err });
  const caller = { cwd, env, service, postBuffer, address, signal };
  const conversation = new Conversation({ lines, out, say, service, delegate, record, caller, abandon });
  try {
    const ended = await conversation.run();
    return code() ?? ended;
  } catch (thrown) {
    record.fail({ outcome: 'retryable', refs: 'retryable', reason: reason(thrown) });
    throw thrown;
  } finally {
    if (env.SPECSTORY_PUSH_REPORT && record.isPush) await record.write(env.SPECSTORY_PUSH_REPORT);
    await http.close();
  }
}

function hasAuthorization({ headers }: HttpSettings): boolean {
  return headers.some(([name]) => name.toLowerCase() === 'authorization');
}

/** Somebody who sends a header of their own is not signed in with us. */
const nobody: Credentials = { authorization: async () => undefined, renew: async () => undefined };

interface Signals {
  readonly signal: AbortSignal;
  /** The exit code, when a signal came. */
  readonly code: () => number | undefined;
  readonly abandon: () => void;
}

/** A signal stops what is under way. */
function signals(process: Process): Signals {
  const stopped = new AbortController();
  let received: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      received ??= 128 + constants.signals[name];
      stopped.abort(name);
    });
  }
  return { signal: stopped.signal, code: () => received, abandon: () => stopped.abort('SIGHUP') };
}
