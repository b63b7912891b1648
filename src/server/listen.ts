import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { reason, SpecstoryError } from '../core/errors.ts';
import type { ServerEnv } from './services.ts';

/** A server that accepts connections. */
export interface Listener {
  /** Where, as an address without a path: `http://127.0.0.1:4747`. */
  readonly url: string;
  /** Accepts nothing more, and ends when what goes on is done, after `limit` milliseconds at the latest. */
  drain(limit: number): Promise<void>;
}

/** Serves an app at `host:port`. Throws `unavailable` when that cannot be had. */
export async function listen(app: Hono<ServerEnv>, at: string): Promise<Listener> {
  const colon = at.lastIndexOf(':');
  const host = at.slice(0, colon).replace(/^\[|\]$/g, '');
  const server = httpServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(notListening(at, cause)));
    server.listen({ port: Number(at.slice(colon + 1)), ...(host === '' ? {} : { host }) }, resolve);
  });
  return { url: urlOf(server.address()), drain: (limit) => drain(server, limit) };
}

function httpServer(app: Hono<ServerEnv>): Server {
  // A push may take longer than any one limit for all requests: who reads a body limits its time.
  const serverOptions = { requestTimeout: 0, headersTimeout: 20_000, maxHeaderSize: 16 << 10 };
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions, overrideGlobalObjects: false });
  if (!('closeIdleConnections' in server)) throw new SpecstoryError('bug', 'not a server of HTTP/1.1');
  return server;
}

async function drain(server: Server, limit: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Connections that were busy become idle one by one.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const end = setTimeout(() => server.closeAllConnections(), limit);
  await closed;
  clearInterval(idle);
  clearTimeout(end);
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new SpecstoryError('bug', 'listening nowhere');
  const everywhere = address.address === '::' || address.address === '0.0.0.0';
  const host = everywhere ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

function notListening(at: string, cause: Error): SpecstoryError {
  const used = 'code' in cause && cause.code === 'EADDRINUSE';
  return new SpecstoryError('unavailable', `cannot listen on ${at}: ${reason(cause)}`, {
    hint: used ? 'another program has this port: choose one with --listen, or 127.0.0.1:0 for any' : 'check --listen',
    cause,
  });
}
