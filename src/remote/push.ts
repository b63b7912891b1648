import { once } from 'node:events';
import { reason as reasonOf, SpecstoryError } from '../core/errors.ts';
import { oneLine, printable } from '../core/text.ts';
import { type SendPackOptions, startSendPack } from '../git/transport.ts';
import type { Child, Environment } from '../platform/process.ts';
import type { Address } from '../protocol/address.ts';
import { flushPacket, packet } from '../protocol/pkt-line.ts';
import type { RefReport } from '../protocol/push-report.ts';
import type { Advertisement } from './advertisement.ts';
import { Answer } from './answer.ts';
import { type Failure, failureOfError, notOurServer } from './failure.ts';
import type { GitService } from './git-service.ts';
import type { HttpResponse } from './http.ts';
import { SendPackOutput, type Status } from './send-pack-output.ts';

/** One push of gitremote-helpers: `[+]<source>:<ref on the server>` each. */
export interface PushRequest {
  readonly refspecs: readonly string[];
  readonly options: SendPackOptions;
  readonly advertisement: Advertisement;
}

export interface PushCaller {
  readonly cwd: string;
  readonly env: Environment;
  readonly service: GitService;
  /** Largest request that is sent in one piece. */
  readonly postBuffer: number;
  readonly address: Address;
  readonly signal: AbortSignal;
}

export interface Pushed {
  /** For git: `ok` and `error` lines. */
  readonly lines: string;
  readonly refs: readonly RefReport[];
  readonly failure?: Failure;
  readonly answer?: Answer;
}

/** Pushes with `git send-pack` and our own HTTP. Nothing is said to be stored before the server's report came whole. */
export async function push(request: PushRequest, caller: PushCaller): Promise<Pushed> {
  const { cwd, env, service, signal } = caller;
  const sendPack = await startSendPack(service.url, request.options, { cwd, env });
  const kill = (): void => sendPack.kill();
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await transfer(sendPack, request, caller);
  } finally {
    signal.removeEventListener('abort', kill);
    sendPack.kill();
    await sendPack.ended;
  }
}

async function transfer(sendPack: Child, request: PushRequest, caller: PushCaller): Promise<Pushed> {
  const { refspecs, advertisement } = request;
  const output = new SendPackOutput(sendPack.stdout);
  for (const refspec of refspecs) sendPack.stdin.write(packet(`${refspec}\n`));
  sendPack.stdin.write(flushPacket);
  sendPack.stdin.write(advertisement.bytes);
  const answer = new Answer(advertisement.capabilities.has('side-band-64k'));
  const failure = await converse(sendPack, output, answer, caller);
  if (failure && !answer.isReported) return failed(refspecs, output.commanded, failure);
  sendPack.stdin.end();
  const statuses = await output.statuses();
  return { ...settled(refspecs, statuses), answer };
}

/** Sends the request and hands the answer on. Gives why the report on the refs did not come. */
async function converse(
  sendPack: Child,
  output: SendPackOutput,
  answer: Answer,
  caller: PushCaller,
): Promise<Failure | undefined> {
  try {
    const response = await send(output, caller);
    if (!response || 'outcome' in response) return response;
    await relay(response, answer, sendPack);
    if (answer.isReported) return undefined;
    return unknown(answer.error ? `the server gave up: ${answer.error}` : 'the server did not report on the refs');
  } catch (thrown) {
    if (answer.isReported) await give(sendPack, answer.end());
    const failure = failureOfError(thrown, true);
    if (failure) return failure;
    if (thrown instanceof SpecstoryError && thrown.kind === 'unavailable') return unknown(reasonOf(thrown));
    throw thrown;
  }
}

/** Sends what send-pack has to say: in one piece when it is small, so that it can be repeated; as a stream behind a probe when it is not. */
async function send(
  output: SendPackOutput,
  { service, postBuffer, address }: PushCaller,
): Promise<HttpResponse | Failure | undefined> {
  const body = output.request();
  const head: Uint8Array[] = [];
  let size = 0;
  let isAllSent = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    const { done, value } = await body.next();
    if (done) isAllSent = true;
    else size += value.length;
    return value ?? undefined;
  };
  while (size <= postBuffer) {
    const piece = await next();
    if (!piece) break;
    head.push(piece);
  }
  if (size === 0) return undefined;
  const refused = isAllSent ? undefined : await service.probe();
  if (refused) return refused;
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* head.splice(0);
    for (let piece = await next(); piece; piece = await next()) yield piece;
  }
  const response = await service.post(isAllSent ? Buffer.concat(head) : stream(), () => size);
  return asResult(response, isAllSent, address);
}

/** An answer that says what became of a push; anything else behind a whole request leaves open what became of it. */
async function asResult(
  response: HttpResponse | Failure,
  isAllSent: boolean,
  address: Address,
): Promise<HttpResponse | Failure> {
  if ('outcome' in response)
    return isAllSent && response.isLost ? { ...response, outcome: 'unknown', refs: 'unknown' } : response;
  const type = response.headers['content-type'] ?? 'nothing';
  if (type === 'application/x-git-receive-pack-result') return response;
  await response.discard();
  return { ...notOurServer(address, `it answers with ${type}`), refs: isAllSent ? 'unknown' : 'retryable' };
}

async function relay(response: HttpResponse, answer: Answer, sendPack: Child): Promise<void> {
  for await (const bytes of response.body) await give(sendPack, answer.take(bytes));
  if (answer.isReported && !answer.isComplete) await give(sendPack, answer.end());
}

async function give({ stdin, ended }: Child, pieces: Iterable<Uint8Array>): Promise<void> {
  for (const piece of pieces)
    if (!stdin.write(piece)) await Promise.race([once(stdin, 'drain').catch(() => {}), ended]);
}

function unknown(why: string): Failure {
  return { outcome: 'unknown', refs: 'unknown', reason: `${why}; the next push will tell` };
}

function failed(refspecs: readonly string[], commanded: readonly string[], failure: Failure): Pushed {
  const refs = refspecs.map((refspec): RefReport => {
    const ref = destination(refspec);
    // A ref that send-pack did not ask for was not worth a request, or there was none.
    if (!commanded.includes(ref)) return { ref, outcome: 'retryable', reason: 'not sent' };
    return { ref, outcome: failure.refs, reason: failure.reason };
  });
  return { lines: refs.map(errorLine).join(''), refs, failure };
}

function settled(refspecs: readonly string[], statuses: readonly Status[]): Pushed {
  const known = new Map(statuses.map((status) => [status.ref, status]));
  const all = refspecs.map((refspec): { report: RefReport; line: string } => {
    const ref = destination(refspec);
    const status = known.get(ref);
    if (status?.isOk) return { report: { ref, outcome: 'ok' }, line: status.lines };
    if (status && status.why !== 'expecting report')
      return { report: { ref, outcome: 'rejected', reason: status.why || 'no reason given' }, line: status.lines };
    const reason = 'the server did not report on it; the next push will tell';
    const report: RefReport = { ref, outcome: 'unknown', reason };
    return { report, line: errorLine(report) };
  });
  return { lines: all.map(({ line }) => line).join(''), refs: all.map(({ report }) => report) };
}

/** A status for git. `retryable` and `unknown` are said, because git itself knows only `rejected`. */
export function errorLine({ ref, outcome, reason = '' }: RefReport): string {
  const why = oneLine(printable(reason), 500);
  return `error ${ref} ${outcome === 'rejected' ? why : `${outcome} (${why})`}\n`;
}

/** The ref on the server in a refspec. */
export function destination(refspec: string): string {
  return refspec.slice(refspec.lastIndexOf(':') + 1);
}
