import { reason, SpecstoryError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { nodeHost } from '../platform/host.ts';
import { addressOf, protocol, protocolHeader } from '../protocol/address.ts';
import { answers, type Grant } from '../protocol/answers.ts';
import { type CredentialStore, openCredentialStore, type SignIn } from './credential-store.ts';
import type { Http } from './http.ts';

/** Tokens of this person on this machine, each bound to the origin that gave it. */
export interface Credentials {
  /** The value of the `Authorization` header for an origin; nothing when nobody signed in there. */
  authorization(origin: string): Promise<string | undefined>;
  /**
   * After a 401: a new value, got with the refresh token, or the one that another process got in the meantime. Asked once per operation;
   * nothing when the person has to sign in again.
   */
  renew(origin: string, rejected: string): Promise<string | undefined>;
}

/** What credentials are opened with. */
export interface CredentialPlace {
  readonly env: NodeJS.ProcessEnv;
  readonly http: Http;
  /** The person's home folder; that of the environment unless given. */
  readonly home?: string | undefined;
}

/**
 * The person's credentials: `SPECSTORY_TOKEN` for the origin of `SPECSTORY_SERVER`, and for all others what `specstory login` stored.
 * Both calls throw `config` when one of the variables is blank or alone, and what `CredentialStore.read` throws.
 */
export function openCredentials({ env, http, home = nodeHost({ env }).home }: CredentialPlace): Credentials {
  const store = (): CredentialStore => openCredentialStore({ env, home });
  return {
    authorization: async (origin) => {
      const given = environmentToken(env);
      if (given?.origin === origin) return bearer(given.token);
      const signIn = (await store().read()).get(origin);
      return signIn && bearer(signIn.access_token);
    },
    renew: async (origin, rejected) =>
      environmentToken(env)?.origin === origin ? undefined : renew(store(), http, origin, rejected),
  };
}

/** The token of the environment and the origin it is for. Throws `config` when it cannot be meant. */
export function environmentToken(
  env: NodeJS.ProcessEnv,
): { origin: string; server: string; token: string } | undefined {
  const { SPECSTORY_TOKEN: token, SPECSTORY_SERVER: server } = env;
  if (token === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,512}$/.test(token)) {
    const hint = 'give it a token, or unset it';
    throw new SpecstoryError('config', 'SPECSTORY_TOKEN is set, but to nothing that is a token', { hint });
  }
  if (!server?.trim()) {
    const hint = 'set SPECSTORY_SERVER to the address of the server that the token is for';
    throw new SpecstoryError('config', 'SPECSTORY_TOKEN is set without SPECSTORY_SERVER', { hint });
  }
  const { origin, server: base } = addressOf(server, 'any');
  return { origin, server: base, token };
}

/** A sign-in from what the server granted. */
export function signInOf(server: string, grant: Grant): SignIn {
  const { access_token, refresh_token, expires_at, name } = grant;
  return {
    server,
    access_token,
    ...(refresh_token ? { refresh_token } : {}),
    ...(expires_at ? { expires_at } : {}),
    ...(name ? { name } : {}),
  };
}

export const bearer = (token: string): string => `Bearer ${token}`;

/** One process at a time: whoever waited finds the token that the one before got, and asks for none. */
function renew(store: CredentialStore, http: Http, origin: string, rejected: string): Promise<string | undefined> {
  return store.change(async (signIns) => {
    const current = signIns.get(origin);
    if (current && bearer(current.access_token) !== rejected) {
      return { result: bearer(current.access_token), write: false };
    }
    if (!current?.refresh_token) return { result: undefined, write: false };
    const grant = await refresh(http, current.server, current.refresh_token);
    if (grant === 'invalid') {
      signIns.delete(origin);
      return { result: undefined, write: true };
    }
    const fresh = signInOf(current.server, grant);
    const kept = { name: current.name, refresh_token: current.refresh_token };
    signIns.set(origin, { ...kept, ...fresh });
    return { result: bearer(fresh.access_token), write: true };
  });
}

/** Throws `unavailable` when the server gives no clear answer: the sign-in stays then. */
async function refresh(http: Http, server: string, refreshToken: string): Promise<Grant | 'invalid'> {
  const response = await http.send({
    method: 'POST',
    url: `${server}/api/v2/token/refresh`,
    headers: { 'content-type': 'application/json', [protocolHeader]: String(protocol) },
    body: JSON.stringify({ refresh_token: refreshToken }),
    timeout: 20_000,
  });
  const said = parseJson(await response.text().catch((thrown) => reason(thrown)));
  if (response.status === 200) {
    const grant = answers.grant.safeParse(said);
    if (grant.success) return grant.data;
  }
  if (response.status === 401 && answers.problem.safeParse(said).data?.code === 'invalid_grant') return 'invalid';
  throw new SpecstoryError('unavailable', `${server} does not renew the sign-in (answer ${response.status})`, {
    hint: 'try again later; you stay signed in',
  });
}
