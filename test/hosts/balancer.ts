import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Balancer {
  readonly port: number;
  /** Ports on 127.0.0.1 that connections are given to in turn; may change at any time. */
  ports: readonly number[];
  close(): Promise<void>;
}

/** A TCP balancer on 127.0.0.1: each connection goes to the next server that takes it. */
export async function balancer(ports: readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer(async (client) => {
    client.on('error', () => {});
    for (let attempt = 0; attempt < made.ports.length; attempt++) {
      const upstream = await reached(made.ports[turn++ % made.ports.length] ?? 0);
      if (!upstream) continue;
      for (const socket of [client, upstream]) {
        open.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => {
          open.delete(socket);
          client.destroy();
          upstream.destroy();
        });
      }
      client.pipe(upstream).pipe(client);
      return;
    }
    client.resetAndDestroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const made: Balancer = {
    port: (server.address() as AddressInfo).port,
    ports,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return made;
}

async function reached(port: number): Promise<Socket | undefined> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    return undefined;
  }
}
