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
}

export interface FaultProxy {
  readonly port: number;
  readonly faults: Faults;
  /** Bytes that passed, of all connections. */
  readonly passed: Record<Direction, number>;
  /** Connections so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A TCP proxy on 127.0.0.1 in front of a port on 127.0.0.1, for tests of slow and broken lines. */
export async function faultProxy(port: number, faults: Faults = {}): Promise<FaultProxy> {
  const passed = { toServer: 0, toClient: 0 };
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    if (faults.refuse) return void client.resetAndDestroy();
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => open.delete(socket));
    }
    const reset = (): void => {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    void forward(client, upstream, 'toServer', faults, passed, reset);
    void forward(upstream, client, 'toClient', faults, passed, reset);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    passed,
    get connections() {
      return connections;
    },
    close,
  };
}

async function forward(
  from: Socket,
  to: Socket,
  direction: Direction,
  faults: Faults,
  passed: Record<Direction, number>,
  reset: () => void,
): Promise<void> {
  let count = 0;
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (const piece of pieces(chunk, faults.bytesPerSecond)) {
        if (faults.delay) await sleep(faults.delay);
        const limit = Math.min(faults.resetAfter?.[direction] ?? Infinity, faults.stallAfter?.[direction] ?? Infinity);
        const part = piece.subarray(0, Math.max(0, limit - count));
        if (part.length > 0 && !to.destroyed) await new Promise((done) => to.write(part, done));
        count += part.length;
        passed[direction] += part.length;
        if (faults.resetAfter?.[direction] !== undefined && count >= faults.resetAfter[direction]) {
          // What was written arrives before the reset does.
          await sleep(20);
          return reset();
        }
        if (faults.stallAfter?.[direction] !== undefined && count >= faults.stallAfter[direction])
          return await new Promise(() => {});
        if (faults.bytesPerSecond) await sleep((1000 * piece.length) / faults.bytesPerSecond);
        if (to.destroyed) return;
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}

/** Ten pieces a second at most, of one byte at least. */
function pieces(chunk: Buffer, bytesPerSecond: number | undefined): Buffer[] {
  if (!bytesPerSecond) return [chunk];
  const size = Math.max(1, Math.floor(bytesPerSecond / 10));
  const count = Math.ceil(chunk.length / size);
  return Array.from({ length: count }, (_, index) => chunk.subarray(index * size, (index + 1) * size));
}
