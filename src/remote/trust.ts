import { readdir, readFile } from 'node:fs/promises';
import nodePath from 'node:path';
import { rootCertificates } from 'node:tls';
import { reason, SpecstoryError } from '../core/errors.ts';
import type { HttpSettings } from './http-settings.ts';

/** Whom a TLS connection trusts, and who we are to the server. */
export interface Trust {
  readonly ca?: string[];
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

/** The certificates that the settings name. Without any, Node's own and `NODE_EXTRA_CA_CERTS` hold. Throws `config` when a file cannot be read. */
export async function trustOf(settings: HttpSettings): Promise<Trust> {
  const { caFile, caFolder, certFile, keyFile } = settings;
  const ca = [
    ...(caFile ? [await read('http.sslCAInfo', caFile)] : []),
    ...(caFolder ? await certificatesIn(caFolder) : []),
  ].map(String);
  const cert = certFile ? await read('http.sslCert', certFile) : undefined;
  const key = keyFile ? await read('http.sslKey', keyFile) : cert;
  return {
    rejectUnauthorized: settings.verify,
    ...(ca.length > 0 ? { ca } : {}),
    ...(cert && key ? { cert, key } : {}),
  };
}

const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The same trust with the authorities of the machine beside Node's own, as git's client has them: looked for when a certificate could not be
 * verified, because reading them takes longer than a push. Nothing when the settings already say whom to trust.
 */
export async function withSystemTrust(trust: Trust, env: NodeJS.ProcessEnv): Promise<Trust | undefined> {
  if (trust.ca) return undefined;
  const files = [env.SSL_CERT_FILE, env.NODE_EXTRA_CA_CERTS, ...systemBundles];
  const found = await Promise.all(files.map((file) => (file ? readFile(file, 'utf8').catch(() => '') : '')));
  const authorities = found.filter((text) => text.includes('BEGIN CERTIFICATE'));
  return authorities.length > 0 ? { ...trust, ca: [...rootCertificates, ...new Set(authorities)] } : undefined;
}

/** Whether a connection failed because nobody we trust vouches for the server. */
export function isUntrusted(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code);
}

async function certificatesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause) => unreadable('http.sslCAPath', folder, cause));
  const texts = await Promise.all(names.map((name) => readFile(nodePath.join(folder, name), 'utf8').catch(() => '')));
  return [...new Set(texts.filter((text) => text.includes('BEGIN CERTIFICATE')))];
}

function read(setting: string, file: string): Promise<Buffer> {
  return readFile(file).catch((cause) => unreadable(setting, file, cause));
}

function unreadable(setting: string, file: string, cause: unknown): never {
  throw new SpecstoryError('config', `cannot read ${file}, which ${setting} names: ${reason(cause)}`, { cause });
}
