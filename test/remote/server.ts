import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import { flushPacket, PacketReader, packet } from '../../src/protocol/pkt-line.ts';

/** What the server saw. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Bytes of the body that arrived. */
  bytes: number;
}

/** How the server answers one request; nothing: as it should. */
export type Fault = (seen: Seen, response: ServerResponse, request: IncomingMessage) => Answered | Promise<Answered>;
type Answered = undefined | 'answered';

export interface GitServerOptions {
  /** The bare repository. */
  readonly repository: string;
  /** Called for each request; may answer itself. */
  fault?: Fault;
  /** The value of `Authorization` that is let in; everybody without. */
  authorization?: string;
  /** Lines on side-band 2 behind the report, before the last flush. */
  lines?: readonly string[];
  /** Bytes after which the answer to a push is cut by a reset. */
  cutAnswer?: number;
  /** Bytes after which a push is cut by a reset. */
  cutRequest?: number;
  /** Changes the answer to a push, whole. */
  rewrite?: (answer: Buffer) => Buffer;
  /** Key and certificate: TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface GitServer {
  readonly origin: string;
  readonly port: number;
  readonly seen: Seen[];
  readonly options: GitServerOptions;
  close(): Promise<void>;
}

/** A server of smart HTTP over one bare repository, with real git behind it, that can be told to fail in every way. */
export async function gitServer(options: GitServerOptions): Promise<GitServer> {
  const seen: Seen[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const entry: Seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, bytes: 0 };
    seen.push(entry);
    request.on('error', () => {});
    handle(options, entry, request, response).catch(() => response.destroy());
  };
  const server: Server = options.tls ? createSecureServer(options.tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`, port, seen, options, close };
}

async function handle(
  options: GitServerOptions,
  seen: Seen,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if ((await options.fault?.(seen, response, request)) === 'answered') return;
  if (options.authorization !== undefined && request.headers.authorization !== options.authorization) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="specstory"' }).end('who are you?');
    return;
  }
  response.setHeader('specstory-protocol', '1');
  const url = new URL(seen.path, 'http://localhost');
  const service = url.searchParams.get('service');
  if (url.pathname.endsWith('/info/refs') && service) return advertise(options, service, request, response);
  const posted = /\/(git-(?:upload|receive)-pack)$/.exec(url.pathname)?.[1];
  if (request.method !== 'POST' || !posted) {
    response.writeHead(404).end();
    return;
  }
  return rpc(options, posted, seen, request, response);
}

function git(options: GitServerOptions, service: string, args: readonly string[], request: IncomingMessage) {
  const version = request.headers['git-protocol'];
  const env = { ...process.env, ...(version ? { GIT_PROTOCOL: String(version) } : {}) };
  return spawn('git', [service.slice(4), '--stateless-rpc', ...args, options.repository], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

async function advertise(
  options: GitServerOptions,
  service: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const child = git(options, service, ['--http-backend-info-refs'], request);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  const isFirst = !(service === 'git-upload-pack' && String(request.headers['git-protocol']).includes('version=2'));
  const head = isFirst ? [packet(`# service=${service}\n`), flushPacket] : [];
  const body = Buffer.concat([...head.map((part) => Buffer.from(part)), ...chunks]);
  response.writeHead(200, { 'content-type': `application/x-${service}-advertisement`, 'cache-control': 'no-cache' });
  response.end(body);
}

async function rpc(
  options: GitServerOptions,
  service: string,
  seen: Seen,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const child = git(options, service, [], request);
  child.stdin.on('error', () => {});
  request.on('data', (chunk: Buffer) => {
    seen.bytes += chunk.length;
    if (options.cutRequest !== undefined && seen.bytes >= options.cutRequest) request.socket.resetAndDestroy();
  });
  request.on('close', () => request.complete || child.kill('SIGKILL'));
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  body.on('error', () => {});
  body.pipe(child.stdin);
  const type = { 'content-type': `application/x-${service}-result` };
  if (service === 'git-upload-pack') {
    response.writeHead(200, type);
    child.stdout.pipe(response);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  if (request.destroyed && !request.complete) return;
  const whole = withLines(Buffer.concat(chunks), options.lines ?? []);
  const answer = options.rewrite?.(whole) ?? whole;
  response.writeHead(200, type);
  if (options.cutAnswer === undefined || options.cutAnswer >= answer.length) response.end(answer);
  else {
    response.write(answer.subarray(0, options.cutAnswer));
    setTimeout(() => response.socket?.resetAndDestroy(), 30);
  }
}

/** The answer with more lines on side-band 2 before its last flush, each cut into two packets. */
function withLines(answer: Buffer, lines: readonly string[]): Buffer {
  if (lines.length === 0 || answer.length === 0) return answer;
  const last = [...new PacketReader().push(answer)].at(-1);
  if (last !== 'flush') throw new Error('an answer without an end');
  const text = Buffer.from(lines.join(''));
  const pieces = [text.subarray(0, text.length >> 1), text.subarray(text.length >> 1)];
  const packets = pieces.map((piece) => packet(Buffer.concat([Buffer.of(2), piece])));
  return Buffer.concat([answer.subarray(0, -4), ...packets, Buffer.from(flushPacket)]);
}
