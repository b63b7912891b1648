import nodePath from 'node:path';
import { type HttpConfig, readHttpConfig } from '../git/http-config.ts';
import { extraHeaders } from './extra-headers.ts';
import { type HttpProxy, proxyFor } from './proxy.ts';

/** git's HTTP settings for an address, of configuration and environment (git-config(1) `http.*`, git(1) `GIT_SSL_*`). */
export interface HttpSettings {
  readonly proxy: HttpProxy | undefined;
  /** Whether certificates of servers are verified. */
  readonly verify: boolean;
  readonly caFile: string | undefined;
  readonly caFolder: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly userAgent: string | undefined;
  /** Slower than `bytes` per second for `seconds` is taken for a broken connection. */
  readonly lowSpeed: { readonly bytes: number; readonly seconds: number } | undefined;
  /** Bytes of a request up to which it is sent in one piece. */
  readonly postBuffer: number;
  readonly followRedirects: boolean;
  /** Names of settings that git's own client knows and ours does not: then git's does the work. */
  readonly foreign: readonly string[];
}

type Env = NodeJS.ProcessEnv;

/** Settings that we use, and those that make no difference to what is sent and trusted. */
const known = new Set([
  ...['proxy', 'sslverify', 'sslcainfo', 'sslcapath', 'sslcert', 'sslkey', 'extraheader', 'useragent'],
  ...['lowspeedlimit', 'lowspeedtime', 'postbuffer', 'followredirects'],
  ...['version', 'maxrequests', 'minsessions', 'noepsv', 'ssltry', 'keepaliveidle', 'keepaliveinterval'],
  ...['keepalivecount', 'proactiveauth', 'schannelcheckrevoke', 'schannelusesslcainfo'],
]);
/** Settings that matter only when they are switched on. */
const harmlessWhenFalse = new Set(['savecookies', 'sslcertpasswordprotected', 'emptyauth', 'delegation']);

const foreignVariables = [
  ...['GIT_HTTP_PROXY_AUTHMETHOD', 'GIT_SSL_VERSION', 'GIT_SSL_CIPHER_LIST', 'GIT_SSL_CERT_PASSWORD_PROTECTED'],
  ...['GIT_PROXY_SSL_CERT', 'GIT_PROXY_SSL_KEY', 'GIT_PROXY_SSL_CAINFO', 'GIT_CURL_VERBOSE', 'GIT_TRACE_CURL'],
];

/** Where settings are asked for: the folder git works in, and its environment. */
export interface Asker {
  readonly cwd: string;
  readonly env: Env;
}

/** The settings for an address, and what `specstory.helper` says. `remote` is the name of a remote that may have a proxy of its own. */
export async function readHttpSettings(
  url: string,
  asker: Asker,
  remote?: string,
): Promise<HttpSettings & { readonly passthrough: boolean }> {
  const config = await readHttpConfig(url, remote, asker);
  const { env } = asker;
  const chosen = proxyFor(new URL(url), config, env);
  const headers = extraHeaders(url, config.extraHeaders);
  const get = (name: string, variable?: string): string | undefined =>
    (variable && env[variable]) || config.http.get(name) || undefined;
  const file = (name: string, variable: string): string | undefined => path(get(name, variable), env);
  return {
    proxy: chosen.proxy,
    verify: env.GIT_SSL_NO_VERIFY === undefined && !isOff(config.http.get('sslverify')),
    caFile: file('sslcainfo', 'GIT_SSL_CAINFO'),
    caFolder: file('sslcapath', 'GIT_SSL_CAPATH'),
    certFile: file('sslcert', 'GIT_SSL_CERT'),
    keyFile: file('sslkey', 'GIT_SSL_KEY'),
    headers: headers ?? [],
    userAgent: get('useragent', 'GIT_HTTP_USER_AGENT'),
    lowSpeed: lowSpeed(
      get('lowspeedlimit', 'GIT_HTTP_LOW_SPEED_LIMIT'),
      get('lowspeedtime', 'GIT_HTTP_LOW_SPEED_TIME'),
    ),
    postBuffer: number(get('postbuffer')) ?? 1 << 20,
    followRedirects: !isOff(config.http.get('followredirects')),
    foreign: [
      ...foreignNames(config, env),
      ...(chosen.foreign ? ['http.proxy'] : []),
      ...(headers ? [] : ['http.extraHeader']),
    ],
    passthrough: config.helper === 'passthrough',
  };
}

function foreignNames(config: HttpConfig, env: Env): string[] {
  const settings = [...config.http].filter(
    ([name, value]) => !known.has(name) && !(harmlessWhenFalse.has(name) && (isOff(value) || value === 'none')),
  );
  return [
    ...settings.map(([name]) => `http.${name}`),
    ...(config.remoteProxyAuthMethod ? ['remote.proxyAuthMethod'] : []),
    ...foreignVariables.filter((name) => env[name]),
    ...(/%\(prefix\)/.test([...config.http.values()].join()) ? ['%(prefix)'] : []),
  ];
}

/** A boolean as git reads it. */
function isOff(text: string | undefined): boolean {
  return text !== undefined && /^(?:false|no|off|0|)$/i.test(text);
}

/** A number as git reads it, with `k`, `m` or `g`. */
function number(text: string | undefined): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(text ?? '');
  return match ? Number(match[1]) * 1024 ** ' kmg'.indexOf(match[2]?.toLowerCase() || ' ') : undefined;
}

function lowSpeed(limit: string | undefined, time: string | undefined): HttpSettings['lowSpeed'] {
  const [bytes, seconds] = [number(limit), number(time)];
  return bytes && seconds ? { bytes, seconds } : undefined;
}

/** A path as git reads it: `~/` is the home folder. */
function path(text: string | undefined, env: Env): string | undefined {
  const home = env.HOME ?? env.USERPROFILE;
  return text?.startsWith('~/') && home ? nodePath.join(home, text.slice(2)) : text;
}
