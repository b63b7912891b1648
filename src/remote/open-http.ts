import { SpecstoryError } from '../core/errors.ts';
import { Connections } from './connections.ts';
import { exchange } from './exchange.ts';
import type { Http, HttpRequest } from './http.ts';
import { type Asker, type HttpSettings, readHttpSettings } from './http-settings.ts';
import { isUntrusted } from './trust.ts';

/** Sends by git's settings for each origin, which are read at the first request to it. `known` are some that were read before. */
export function openHttp(asker: Asker, known: Readonly<Record<string, HttpSettings>> = {}): Http {
  const origins = new Map<string, Promise<Connections>>(
    Object.entries(known).map(([origin, settings]) => [origin, Connections.open(settings, asker.env)]),
  );
  const connections = (url: URL): Promise<Connections> => {
    const opened = origins.get(url.origin) ?? openConnections(url, asker);
    origins.set(url.origin, opened);
    return opened;
  };
  return {
    send: async (request) => {
      const through = await connections(new URL(request.url));
      try {
        return await exchange(request, through);
      } catch (thrown) {
        const cause = thrown instanceof Error ? thrown.cause : undefined;
        if (!isUntrusted(cause) || !isReplayable(request) || !(await through.trustSystem())) throw thrown;
        return await exchange(request, through);
      }
    },
    close: async () => {
      for (const opened of origins.values()) await opened.then((found) => found.close()).catch(() => {});
    },
  };
}

async function openConnections(url: URL, asker: Asker): Promise<Connections> {
  const settings = await readHttpSettings(url.href, asker);
  if (settings.foreign.length > 0) {
    const hint = `only git's own client can use ${settings.foreign.join(', ')}: take it away for ${url.origin}`;
    throw new SpecstoryError('unsupported', `cannot reach ${url.origin} with these settings of git`, { hint });
  }
  return Connections.open(settings, asker.env);
}

function isReplayable({ body }: HttpRequest): boolean {
  return body === undefined || typeof body === 'string' || body instanceof Uint8Array;
}
