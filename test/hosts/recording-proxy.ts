import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createDoor, type Server, type Socket } from 'node:net';

/** A request that reached the proxy. */
export interface Recorded {
  readonly method: string;
  /** As in the request line: whole for a proxied request, a path for one that took the proxy for a server, `host:port` for CONNECT. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
}

export interface RecordingProxy {
  readonly port: number;
  readonly origin: string;
  readonly requests: Recorded[];
  /** Whether these bytes came from a client in any request, tunnels and bodies included. */
  saw(text: string): boolean;
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * An HTTP proxy on 127.0.0.1 that writes down what it is asked and all that clients send, so that a test can say where a token did not go.
 * Asked as if it were a server it answers by `answer`, or 404. `authorization` is the `Proxy-Authorization` it insists on.
 */
export async function recordingProxy(
  options: { answer?: Answer; authorization?: string } = {},
): Promise<RecordingProxy> {
  const requests: Recorded[] = [];
  const received: Buffer[] = [];
  const open = new Set<Socket>();
  const record = (request: IncomingMessage): boolean => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, target: url, headers });
    return options.authorization === undefined || headers['proxy-authorization'] === options.authorization;
  };
  const server = createServer((request, response) => {
    if (!record(request)) return void response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
    if (request.url?.startsWith('http://')) return forward(request, response);
    if (options.answer) return options.answer(request, response);
    response.writeHead(404).end();
  });
  server.on('connect', (request, socket: Socket) => {
    if (!record(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    tunnel(request, socket, open);
  });
  const inner = await listen(server);
  // The parser of HTTP takes what it reads out of our sight: everything passes a door before it.
  const door = createDoor((socket) => {
    const upstream = connect(inner, '127.0.0.1');
    for (const end of [socket, upstream]) keep(end, open);
    socket.on('data', (chunk) => received.push(chunk));
    socket.pipe(upstream).pipe(socket);
    upstream.once('close', () => socket.destroy());
  });
  const port = await listen(door);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    saw: (text) => Buffer.concat(received).includes(text),
    close: async () => {
      for (const socket of open) socket.destroy();
      await Promise.all([server, door].map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function keep(socket: Socket, open: Set<Socket>): void {
  open.add(socket);
  socket.on('error', () => {});
  socket.once('close', () => open.delete(socket));
}

function forward(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '');
  const { 'proxy-authorization': _secret, 'proxy-connection': _hop, ...headers } = request.headers;
  const onward = httpRequest(url, { method: request.method ?? 'GET', headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

function tunnel(request: IncomingMessage, socket: Socket, open: Set<Socket>): void {
  const [host = '127.0.0.1', port] = (request.url ?? '').split(':');
  const upstream = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    socket.pipe(upstream).pipe(socket);
  });
  for (const end of [upstream, socket]) keep(end, open);
  upstream.once('close', () => socket.destroy());
}
