import { BlockList, isIP } from 'node:net';

interface ProxyConfig {
  readonly http: ReadonlyMap<string, string>;
  readonly remoteProxy: string | undefined;
}

/** An http proxy. */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address, as git and curl choose it: `remote.<name>.proxy`, `http.proxy`, then `https_proxy` or `http_proxy`, then
 * `all_proxy`; `no_proxy` excepts hosts. `foreign`: a kind that only git's own client can use (SOCKS, https to the proxy, a password that it has
 * to ask for).
 */
export function proxyFor(
  address: URL,
  config: ProxyConfig,
  env: Env,
): { proxy: HttpProxy | undefined; foreign: boolean } {
  const chosen = config.remoteProxy ?? config.http.get('proxy') ?? fromEnvironment(address, env);
  if (!chosen || isExcepted(bareHost(address), env.no_proxy ?? env.NO_PROXY ?? '')) return direct;
  const text = chosen.includes('://') ? chosen : `http://${chosen}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable = url?.protocol === 'http:' && (url.username === '' || url.password !== '');
  return usable ? { proxy: proxyAt(url, text), foreign: false } : { proxy: undefined, foreign: true };
}

const direct = { proxy: undefined, foreign: false } as const;

function proxyAt(url: URL, text: string): HttpProxy {
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: bareHost(url),
    // curl's own default; a URL object forgets a port 80 that was written.
    port: url.port ? Number(url.port) : /:80\/?$/.test(text) ? 80 : 1080,
    authorization: url.username ? `Basic ${Buffer.from(pair).toString('base64')}` : undefined,
  };
}

/** `HTTP_PROXY` is not looked at: a web server sets it from what strangers send (CVE-2016-5385). */
function fromEnvironment(address: URL, env: Env): string | undefined {
  const own = address.protocol === 'https:' ? env.https_proxy || env.HTTPS_PROXY : env.http_proxy;
  return own || env.all_proxy || env.ALL_PROXY;
}

/** Whether `no_proxy` names a host: by its name or a name above it, by its address or a network; `*` is every host. */
function isExcepted(host: string, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || isNamed(host.toLowerCase(), entry.toLowerCase()));
}

function isNamed(host: string, entry: string): boolean {
  const name = entry.replace(/^\./, '').replace(/\.$/, '');
  if (isIP(host) === 0) return host === name || host.endsWith(`.${name}`);
  const [network = '', bits] = entry.replace(/^\[|\]$/g, '').split('/');
  if (isIP(network) !== isIP(host)) return false;
  const type = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  const length = bits === undefined ? (type === 'ipv6' ? 128 : 32) : Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > (type === 'ipv6' ? 128 : 32)) return false;
  const networks = new BlockList();
  networks.addSubnet(network, length, type);
  return networks.check(host, type);
}

/** The host without port and without the brackets of an IPv6 address. */
export function bareHost(address: URL): string {
  return address.hostname.replace(/^\[|\]$/g, '');
}
