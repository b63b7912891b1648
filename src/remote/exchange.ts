import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { reason, SpecstoryError } from '../core/errors.ts';
import { connectError } from './connect-error.ts';
import type { Connections } from './connections.ts';
import { type HttpRequest, type HttpResponse, RequestError } from './http.ts';
import { Pulse } from './pulse.ts';
import { responseOf } from './response.ts';

/** One request and its answer. Gives the answer as soon as it begins, even while the body is still being sent. Throws `RequestError`. */
export function exchange(request: HttpRequest, connections: Connections): Promise<HttpResponse> {
  return new Exchange(request, connections).run();
}

class Exchange {
  private readonly request: HttpRequest;
  private readonly connections: Connections;
  private readonly pulse: Pulse;
  private readonly onAbort = (): void => this.stop(this.request.signal?.reason ?? new Error('stopped'));
  private outgoing: ClientRequest | undefined;
  /** What went wrong first: later errors are its echo. */
  private problem: unknown;
  /** Whether the server may have the whole body. */
  private isBodySent = false;
  /** Whether the answer is no success: then the server has read enough. */
  private isRefused = false;

  constructor(request: HttpRequest, connections: Connections) {
    this.request = request;
    this.connections = connections;
    const limits = { silence: request.timeout ?? 30_000, lowSpeed: connections.settings.lowSpeed };
    this.pulse = new Pulse(limits, (why) => this.stop(new Error(why)));
    request.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  async run(): Promise<HttpResponse> {
    try {
      this.request.signal?.throwIfAborted();
      this.outgoing = await this.begin();
      if (this.problem) throw this.problem;
      const incoming = await this.answer(this.outgoing);
      return responseOf(incoming, {
        beat: (bytes) => this.pulse.beat(bytes),
        failed: (thrown) => this.failure(thrown),
        over: () => this.over(),
      });
    } catch (thrown) {
      this.outgoing?.destroy();
      this.over();
      throw this.failure(thrown);
    }
  }

  private async begin(): Promise<ClientRequest> {
    const { body, method, url, timeout = 30_000 } = this.request;
    const { secure, headers: proxyHeaders, ...route } = await this.connections.route(new URL(url), timeout);
    const { settings } = this.connections;
    const headers: http.OutgoingHttpHeaders = {
      'accept-encoding': 'identity',
      ...lowerCase(Object.entries(this.request.headers ?? {})),
      ...(settings.userAgent ? { 'user-agent': settings.userAgent } : {}),
      ...lowerCase(settings.headers),
      ...proxyHeaders,
      ...(isWhole(body) ? { 'content-length': Buffer.byteLength(body) } : {}),
    };
    return (secure ? https : http).request({ ...route, method, headers });
  }

  private answer(outgoing: ClientRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      outgoing.on('error', (thrown) => {
        this.problem ??= thrown;
        reject(thrown);
      });
      outgoing.once('response', (incoming) => {
        this.isRefused = (incoming.statusCode ?? 0) >= 300;
        resolve(incoming);
      });
      outgoing.once('socket', (socket) => {
        const begin = (): void => {
          this.pulse.beat(0);
          this.sendBody(outgoing).catch((thrown) => this.isRefused || this.stop(thrown));
        };
        const isSecure = 'secureConnecting' in socket;
        const isOpen = !socket.connecting && !(isSecure && socket.secureConnecting);
        if (isOpen) begin();
        else socket.once(isSecure ? 'secureConnect' : 'connect', begin);
      });
    });
  }

  /** One piece behind, because a server may act as soon as it has the last byte, before we know that it was sent. */
  private async sendBody(outgoing: ClientRequest): Promise<void> {
    const { body } = this.request;
    let last: string | Uint8Array | undefined;
    if (isWhole(body)) last = body;
    else if (body) {
      this.pulse.rest();
      for await (const piece of body) {
        if (this.isRefused) return;
        if (last !== undefined) await this.write(outgoing, last);
        last = piece;
        this.pulse.rest();
      }
      this.pulse.wait();
    }
    if (this.isRefused || outgoing.destroyed) return;
    this.isBodySent = true;
    if (last === undefined) outgoing.end();
    else outgoing.end(last, () => this.pulse.beat(last.length));
  }

  private write(outgoing: ClientRequest, piece: string | Uint8Array): Promise<void> {
    this.pulse.wait();
    return new Promise((resolve, reject) => {
      if (outgoing.destroyed) return reject(new Error('the connection was closed'));
      const done = (): void => {
        outgoing.off('drain', done).off('close', done);
        this.pulse.beat(piece.length);
        resolve();
      };
      if (outgoing.write(piece)) return done();
      outgoing.once('drain', done).once('close', done);
    });
  }

  private stop(problem: unknown): void {
    this.problem ??= problem;
    this.outgoing?.destroy(problem instanceof Error ? problem : new Error(reason(problem)));
  }

  private over(): void {
    this.pulse.stop();
    // Without its end the request would hold the connection open.
    if (!this.outgoing?.writableEnded) this.outgoing?.destroy();
    this.request.signal?.removeEventListener('abort', this.onAbort);
  }

  private failure(thrown: unknown): SpecstoryError {
    const cause = this.problem ?? thrown;
    if (cause instanceof SpecstoryError) return cause;
    const { message, ...hint } = connectError(cause);
    const where = new URL(this.request.url).origin;
    return new RequestError(`cannot reach ${where}: ${message}`, { bodySent: this.isBodySent, cause, ...hint });
  }
}

function isWhole(body: HttpRequest['body']): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}

function lowerCase(headers: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}
