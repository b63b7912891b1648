import { cpSync, rmSync } from 'node:fs';
import type { RealServer } from './real-server.ts';

/** Puts a backup in the place of a server's data and starts the server on it, at the address that clients know. */
export async function restore(server: RealServer, backup: string): Promise<void> {
  await server.kill();
  rmSync(server.data, { recursive: true });
  cpSync(backup, server.data, { recursive: true });
  await server.start();
}
