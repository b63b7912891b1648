import { oneLine, printable } from '../core/text.ts';

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ECONNABORTED: 'the connection was closed',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no network',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not yet valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself only',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that is not trusted here',
};

/** Why a connection failed, in plain words; the code stays with it for those who look it up. */
export function connectError(thrown: unknown): { message: string; hint?: string } {
  const error = thrown instanceof AggregateError ? (thrown.errors[0] ?? thrown) : thrown;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = oneLine(printable(error instanceof Error ? error.message : String(error)), 200);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return { message: `it does not speak TLS as it should (${code})` };
  if (code.startsWith('HPE_')) return { message: `what came is not HTTP (${code})` };
  const known = words[code];
  const hint = /not trusted here|by itself only/.test(known ?? '')
    ? { hint: 'name the authority: git config http.<url>.sslCAInfo <file>' }
    : {};
  return { message: known ? `${known} (${code})` : text || code || 'the connection failed', ...hint };
}
