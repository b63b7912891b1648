import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { startRemoteHttp } from '../git/transport.ts';
import type { Child } from '../platform/process.ts';
import { protocol, protocolHeader } from '../protocol/address.ts';
import { type Failure, failureOfError } from './failure.ts';
import type { GitService } from './git-service.ts';
import { Lines } from './lines.ts';
import { tokenEnvironment, withoutPrompts } from './token-environment.ts';

interface DelegateOptions {
  readonly remote: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly origin: string;
  readonly service: GitService;
  readonly signal: AbortSignal;
  readonly out: Writable;
  readonly err: Writable;
}

/** git's own helper, and what it says. */
interface Twin {
  readonly child: Child;
  readonly says: Lines;
}

/**
 * Everything but a push is done by git's own HTTP helper. It is told what git told us, and once more with a renewed token or a new address
 * when it did not come through the first time; then bytes go to and fro until it ends.
 */
export class Delegate {
  private readonly options: DelegateOptions;
  private readonly told: string[] = [];
  private twin: Twin | undefined;

  constructor(options: DelegateOptions) {
    this.options = options;
  }

  /** Keeps an `option` that we answered ourselves, so that git's helper knows it as well. */
  keep(line: string): void {
    this.told.push(line);
  }

  /** Asks git's helper about an `option` of a fetch. */
  async option(line: string): Promise<string> {
    const { child, says } = this.twin ?? (await this.start());
    child.stdin.write(`${line}\n`);
    this.told.push(line);
    return (await says.next()) ?? 'unsupported';
  }

  /** Hands the command and all that follows to git's helper. Gives its exit code, or why there was no connection. */
  async run(command: string, lines: Lines): Promise<number | Failure> {
    const first = await this.ask(this.twin ?? (await this.start()), command);
    if (first) return this.pipe(first, lines);
    const failure = await this.diagnose();
    if (failure) return failure;
    const second = await this.ask(await this.start(), command);
    return this.pipe(second, lines);
  }

  private async start(): Promise<Twin> {
    const { remote, cwd, env, origin, service, signal } = this.options;
    const authorization = await service.authorize();
    const headers = [`${protocolHeader}: ${protocol}`, ...(authorization ? [`Authorization: ${authorization}`] : [])];
    const withToken = withoutPrompts(tokenEnvironment(env, origin, headers));
    const child = await startRemoteHttp(remote, service.url, { cwd, env: withToken });
    this.twin = { child, says: new Lines(child.stdout) };
    if (signal.aborted) stop(child, signal);
    signal.addEventListener('abort', () => stop(child, signal), { once: true });
    for (const line of this.told) {
      child.stdin.write(`${line}\n`);
      await this.twin.says.next();
    }
    return this.twin;
  }

  /** Says a command; what comes back begins with the first bytes of the answer. Nothing when none came. */
  private async ask({ child, says }: Twin, command: string): Promise<(Answered & Twin) | undefined> {
    child.stdin.write(`${command}\n`);
    const bytes = says.rest();
    const { value } = await bytes.next();
    return value && { child, says, first: value, bytes };
  }

  /** Why git's helper had no answer. Nothing when it may have one now. */
  private async diagnose(): Promise<Failure | undefined> {
    try {
      const response = await this.options.service.discover('git-upload-pack');
      if ('outcome' in response) return response;
      await response.discard();
      return undefined;
    } catch (thrown) {
      const failure = failureOfError(thrown, false);
      if (failure) return failure;
      throw thrown;
    }
  }

  private async pipe(answered: (Answered & Twin) | undefined, lines: Lines): Promise<number> {
    const { out, err } = this.options;
    const child = answered?.child ?? this.twin?.child;
    if (!child) return 128;
    child.relayStderr(err);
    if (answered) {
      out.write(answered.first);
      void feed(child, lines);
      for await (const bytes of answered.bytes) if (!out.write(bytes)) await once(out, 'drain');
    }
    const { code } = await child.ended;
    return code ?? 128;
  }
}

interface Answered {
  readonly first: Buffer;
  readonly bytes: AsyncIterable<Buffer>;
}

async function feed(child: Child, lines: Lines): Promise<void> {
  for await (const bytes of lines.rest())
    if (!child.stdin.write(bytes)) await Promise.race([once(child.stdin, 'drain').catch(() => {}), child.ended]);
  child.stdin.end();
}

/** Passes a signal on; git takes its unfinished files away. What is left after 2 seconds is ended. */
function stop(child: Child, { reason }: AbortSignal): void {
  child.kill(reason === 'SIGINT' || reason === 'SIGTERM' || reason === 'SIGHUP' ? reason : 'SIGTERM');
  setTimeout(() => child.kill(), 2000).unref();
}
