import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import type { HttpSettings } from './http-settings.ts';
import { bareHost, type HttpProxy } from './proxy.ts';
import { type Trust, trustOf, withSystemTrust } from './trust.ts';

/** What a request of Node needs to reach an address. */
export type Route = Pick<http.RequestOptions, 'agent' | 'createConnection' | 'path' | 'host' | 'port'> & {
  readonly secure: boolean;
  /** For the proxy. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** Milliseconds a connection may idle before it is not used again: the server may be closing it just then. */
const longestIdle = 1000;

/** The connections to one origin: direct ones, through a proxy, or through a tunnel that a proxy makes. */
export class Connections {
  readonly settings: HttpSettings;
  private readonly env: NodeJS.ProcessEnv;
  private readonly plain = new http.Agent({ keepAlive: true, timeout: longestIdle });
  private trust: Trust;
  private secure: https.Agent;

  private constructor(settings: HttpSettings, trust: Trust, env: NodeJS.ProcessEnv) {
    this.settings = settings;
    this.env = env;
    this.trust = trust;
    this.secure = secureAgent(trust);
  }

  /** Throws `config` when a certificate that the settings name cannot be read. */
  static async open(settings: HttpSettings, env: NodeJS.ProcessEnv): Promise<Connections> {
    return new Connections(settings, await trustOf(settings), env);
  }

  /** Trusts the authorities of the machine as well; `false` when that changes nothing. */
  async trustSystem(): Promise<boolean> {
    const more = await withSystemTrust(this.trust, this.env);
    if (!more) return false;
    this.trust = more;
    this.secure = secureAgent(more);
    return true;
  }

  /** The way to an address. Throws what the connection to the proxy throws. */
  async route(url: URL, timeout: number): Promise<Route> {
    const { proxy } = this.settings;
    const secure = url.protocol === 'https:';
    const [host, port, path] = [bareHost(url), url.port || (secure ? 443 : 80), `${url.pathname}${url.search}`];
    if (!proxy) return { host, port, path, secure, agent: secure ? this.secure : this.plain };
    if (!secure) {
      const headers = { host: url.host, ...proxyHeaders(proxy) };
      return { host: proxy.host, port: proxy.port, path: url.href, secure, headers, agent: this.plain };
    }
    const socket = await tunnel(proxy, `${url.hostname}:${port}`, timeout);
    const options = { ...this.trust, socket, host, ...(isIP(host) ? {} : { servername: host }) };
    return { host, port, path, secure, createConnection: () => tls.connect(options) };
  }

  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }
}

function secureAgent(trust: Trust): https.Agent {
  return new https.Agent({ keepAlive: true, timeout: longestIdle, ...trust });
}

/** Asks a proxy for a connection to `target` (RFC 9110, 9.3.6). */
function tunnel(proxy: HttpProxy, target: string, timeout: number): Promise<Socket> {
  const { host, port } = proxy;
  return new Promise((resolve, reject) => {
    const headers = { host: target, ...proxyHeaders(proxy) };
    const request = http.request({ host, port, method: 'CONNECT', path: target, headers, agent: false, timeout });
    request.once('connect', (response, socket, early) => {
      if (response.statusCode === 200 && early.length === 0) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${host}:${port} refused: HTTP ${response.statusCode}`));
    });
    request.once('timeout', () => request.destroy(new Error(`the proxy ${host}:${port} does not answer`)));
    request.once('error', reject);
    request.end();
  });
}

function proxyHeaders({ authorization }: HttpProxy): Record<string, string> {
  return authorization ? { 'proxy-authorization': authorization } : {};
}
