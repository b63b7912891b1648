import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

type Direction = 'toServer' | 'toClient';

/** What goes wrong. May be changed at any time; holds for what moves from then on. */
export interface Faults {
  /** Ends new connections at once. */
  refuse?: boolean;
  /** Milliseconds that each piece is late. */
  delay?: number;
  bytesPerSecond?: number;
  /** Bytes of a connection in one direction, after which both sides see a reset. */
  resetAfter?: Partial<Record<Direction, number>>;
  /** Bytes of a connection in one direction, after which nothing comes any more and nothing is closed: a half-open connection. */
  stallAfter?: Partial<Record<Direction, number>>;
  /** Awaited before each piece moves: may end the connection, move other bytes, or answer the client in the place of the server. */
  before?: (piece: Piece) => Promise<Instead> | Instead;
}

/** What is about to move. */
export interface Piece {
  readonly direction: Direction;
  readonly bytes: Buffer;
  /** The first line of the request that goes on in this connection. */
  readonly request: string;
  /** Bytes that moved before, of this connection in this direction. */
  readonly moved: number;
}

type Instead = 'reset' | { readonly answer: string | Buffer } | { readonly bytes: Buffer } | undefined;

export interface FaultProxy {
  readonly port: number;
  /** Where new connections lead; a server that starts anew has another port. */
  target: number;
  readonly faults: Faults;
  /** The first lines of all requests. */
  readonly requests: string[];
  /** Bytes that passed, of all connections. */
  readonly passed: Record<Direction, number>;
  /** Connections so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A TCP proxy on 127.0.0.1 in front of a port on 127.0.0.1, for tests of slow and broken lines. */
export async function faultProxy(port: number, faults: Faults = {}): Promise<FaultProxy> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    if (faults.refuse) return void client.resetAndDestroy();
    const upstream = connect(proxy.target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => open.delete(socket));
    }
    const line = new Line(client, upstream, proxy);
    void line.forward('toServer');
    void line.forward('toClient');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port,
    target: port,
    faults,
    requests: [],
    passed: { toServer: 0, toClient: 0 },
    get connections() {
      return connections;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** One connection through the proxy. */
class Line {
  private readonly client: Socket;
  private readonly upstream: Socket;
  private readonly proxy: FaultProxy;
  private request = '';

  constructor(client: Socket, upstream: Socket, proxy: FaultProxy) {
    this.client = client;
    this.upstream = upstream;
    this.proxy = proxy;
  }

  async forward(direction: Direction): Promise<void> {
    const [from, to] = direction === 'toServer' ? [this.client, this.upstream] : [this.upstream, this.client];
    let moved = 0;
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (direction === 'toServer') this.note(chunk);
        for (const bytes of pieces(chunk, this.proxy.faults.bytesPerSecond)) {
          const went = await this.move(to, { direction, bytes, moved, request: this.request });
          if (went === 'over' || to.destroyed) return;
          moved += went;
        }
      }
      to.end();
    } catch {
      to.destroy();
    }
  }

  private note(chunk: Buffer): void {
    const line = /^(?:GET|POST|HEAD|PUT|DELETE) \S+ HTTP\/1\.1(?=\r\n)/.exec(chunk.toString('latin1'))?.[0];
    if (line === undefined) return;
    this.request = line;
    this.proxy.requests.push(line);
  }

  /** Moves a piece, or does to it what is asked for; gives the bytes that went. */
  private async move(to: Socket, piece: Piece): Promise<number | 'over'> {
    const { faults, passed } = this.proxy;
    const { direction, moved } = piece;
    let { bytes } = piece;
    if (faults.delay) await sleep(faults.delay);
    const instead = await faults.before?.(piece);
    if (instead === 'reset') return this.reset();
    if (instead && 'answer' in instead) {
      this.client.end(instead.answer);
      this.upstream.destroy();
      return 'over';
    }
    if (instead) bytes = instead.bytes;
    const [cut, stall] = [faults.resetAfter?.[direction] ?? Infinity, faults.stallAfter?.[direction] ?? Infinity];
    const part = bytes.subarray(0, Math.max(0, Math.min(cut, stall) - moved));
    if (part.length > 0 && !to.destroyed) await new Promise((done) => to.write(part, done));
    passed[direction] += part.length;
    if (moved + part.length >= cut) {
      // What was written arrives before the reset does.
      await sleep(20);
      return this.reset();
    }
    if (moved + part.length >= stall) return new Promise(() => {});
    if (faults.bytesPerSecond) await sleep((1000 * bytes.length) / faults.bytesPerSecond);
    return part.length;
  }

  private reset(): 'over' {
    this.client.resetAndDestroy();
    this.upstream.resetAndDestroy();
    return 'over';
  }
}

/** Ten pieces a second at most, of one byte at least. */
function pieces(chunk: Buffer, bytesPerSecond: number | undefined): Buffer[] {
  if (!bytesPerSecond) return [chunk];
  const size = Math.max(1, Math.floor(bytesPerSecond / 10));
  const count = Math.ceil(chunk.length / size);
  return Array.from({ length: count }, (_, index) => chunk.subarray(index * size, (index + 1) * size));
}
