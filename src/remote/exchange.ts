import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { reason, SpecstoryError } from '../core/errors.ts';
import { connectError } from './connect-error.ts';
import type { Connections } from './connections.ts';
import { type HttpRequest, type HttpResponse, RequestError } from './http.ts';
import { Pulse } from './pulse.ts';
import { responseOf } from './response.ts';

/** What became of the body so far, for whoever must say whether the server may have acted on it. */
interface Progress {
  bodySent: boolean;
  /** What went wrong first: later errors are its echo. */
  problem?: unknown;
}

/** One request and its answer. Gives the answer as soon as it begins, even while the body is still being sent. Throws `RequestError`. */
export async function exchange(request: HttpRequest, connections: Connections): Promise<HttpResponse> {
  const { settings } = connections;
  const { timeout = 30_000, signal } = request;
  const progress: Progress = { bodySent: false };
  const failed = (thrown: unknown): SpecstoryError => failure(request.url, progress.problem ?? thrown, progress);
  let outgoing: ClientRequest | undefined;
  const stop = (problem: unknown): void => {
    progress.problem ??= problem;
    outgoing?.destroy(asError(problem));
  };
  const pulse = new Pulse({ silence: timeout, lowSpeed: settings.lowSpeed }, (why) => stop(new Error(why)));
  const onAbort = (): void => stop(signal?.reason ?? new Error('stopped'));
  signal?.addEventListener('abort', onAbort, { once: true });
  const over = (): void => {
    pulse.stop();
    // Without its end the request would hold the connection open.
    if (!outgoing?.writableEnded) outgoing?.destroy();
    signal?.removeEventListener('abort', onAbort);
  };
  try {
    signal?.throwIfAborted();
    outgoing = await begin(request, connections, timeout);
    if (progress.problem) throw progress.problem;
    const incoming = await answer(outgoing, request, progress, pulse, stop);
    return responseOf(incoming, { beat: (bytes) => pulse.beat(bytes), failed, over });
  } catch (thrown) {
    outgoing?.destroy();
    over();
    throw failed(thrown);
  }
}

async function begin(request: HttpRequest, connections: Connections, timeout: number): Promise<ClientRequest> {
  const { body, method } = request;
  const { secure, headers: routeHeaders, ...route } = await connections.route(new URL(request.url), timeout);
  const { settings } = connections;
  const length = typeof body === 'string' || body instanceof Uint8Array ? Buffer.byteLength(body) : undefined;
  const headers: http.OutgoingHttpHeaders = {
    'accept-encoding': 'identity',
    ...lowerCase(Object.entries(request.headers ?? {})),
    ...(settings.userAgent ? { 'user-agent': settings.userAgent } : {}),
    ...lowerCase(settings.headers),
    ...routeHeaders,
    ...(length === undefined ? {} : { 'content-length': length }),
  };
  return (secure ? https : http).request({ ...route, method, headers });
}

/** Sends the body while it waits for the answer. An answer that is no success ends the sending: the server has read enough. */
function answer(
  outgoing: ClientRequest,
  { body }: HttpRequest,
  progress: Progress,
  pulse: Pulse,
  stop: (problem: unknown) => void,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let isRefused = false;
    outgoing.on('error', (thrown) => {
      progress.problem ??= thrown;
      reject(thrown);
    });
    outgoing.once('response', (incoming) => {
      isRefused = (incoming.statusCode ?? 0) >= 300;
      resolve(incoming);
    });
    outgoing.once('socket', (socket) => {
      const begin = (): void => {
        pulse.beat(0);
        sendBody(outgoing, body, progress, pulse, () => isRefused).catch((thrown) => !isRefused && stop(thrown));
      };
      if (socket.connecting || ('secureConnecting' in socket && socket.secureConnecting))
        socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', begin);
      else begin();
    });
  });
}

/** One piece behind, because a server may act as soon as it has the last byte, before we know that it was sent. */
async function sendBody(
  outgoing: ClientRequest,
  body: HttpRequest['body'],
  progress: Progress,
  pulse: Pulse,
  isRefused: () => boolean,
): Promise<void> {
  let last: string | Uint8Array | undefined;
  if (typeof body === 'string' || body instanceof Uint8Array) last = body;
  else if (body) {
    pulse.rest();
    for await (const piece of body) {
      if (isRefused()) return;
      if (last !== undefined) await write(outgoing, last, pulse);
      last = piece;
      pulse.rest();
    }
    pulse.wait();
  }
  if (isRefused() || outgoing.destroyed) return;
  progress.bodySent = true;
  if (last === undefined) outgoing.end();
  else outgoing.end(last, () => pulse.beat(last.length));
}

function write(outgoing: ClientRequest, piece: string | Uint8Array, pulse: Pulse): Promise<void> {
  pulse.wait();
  return new Promise((resolve, reject) => {
    if (outgoing.destroyed) return reject(new Error('the connection was closed'));
    const done = (): void => {
      outgoing.off('drain', done).off('close', done);
      pulse.beat(piece.length);
      resolve();
    };
    if (outgoing.write(piece)) return done();
    outgoing.once('drain', done).once('close', done);
  });
}

function failure(url: string, thrown: unknown, { bodySent }: Progress): SpecstoryError {
  if (thrown instanceof SpecstoryError) return thrown;
  const { message, ...hint } = connectError(thrown);
  return new RequestError(`cannot reach ${new URL(url).origin}: ${message}`, { bodySent, cause: thrown, ...hint });
}

function asError(problem: unknown): Error {
  return problem instanceof Error ? problem : new Error(reason(problem));
}

function lowerCase(headers: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}
