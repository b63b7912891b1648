import { reason, SpecstoryError } from '../../core/errors.ts';
import { answers } from '../../protocol/answers.ts';
import type { SignIn } from '../../remote/credential-store.ts';
import { environmentToken } from '../../remote/credentials.ts';
import type { Failure } from './failure.ts';
import { credentialStore, online } from './online.ts';
import { ServerApi } from './server-api.ts';
import { type DeviceCode, signInByDevice, signInByToken } from './sign-in.ts';
import { type SignedOut, signOut } from './sign-out.ts';
import { whichServer } from './which-server.ts';

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly server?: string | undefined;
}

/** Signs in with a token, or else by the device flow, which `show` tells the person about. */
export async function logIn(
  place: Place,
  how: { readonly token: string } | { readonly show: (device: DeviceCode) => void },
): Promise<SignIn> {
  const store = credentialStore(place.env);
  const server = await whichServer(place.server, place, store);
  return online(place, ({ http }) => {
    const at = { api: new ServerApi(http, server), server, store };
    return 'token' in how ? signInByToken(at, how.token) : signInByDevice(at, how.show);
  });
}

export async function logOut(place: Place): Promise<SignedOut & { server: string }> {
  const store = credentialStore(place.env);
  const server = await whichServer(place.server, place, store);
  return online(place, async ({ http }) => ({
    server,
    ...(await signOut(new ServerApi(http, server), store, new URL(server).origin)),
  }));
}

/** One sign-in, as far as this machine knows. */
export interface KnownSignIn {
  readonly server: string;
  readonly name: string | null;
  /** Of the access token, which is renewed by itself where `renews`. */
  readonly expiresAt: string | null;
  readonly renews: boolean;
  /** The file, or the variable of the environment. */
  readonly storedIn: string;
}

/** All sign-ins of this machine, and what is wrong with where they are kept. Never throws for that, and asks no server. */
export async function signIns({
  env,
}: Pick<Place, 'env'>): Promise<{ signIns: KnownSignIn[]; problem: string | null }> {
  const found: KnownSignIn[] = [];
  try {
    const given = environmentToken(env);
    if (given) {
      const { server } = given;
      found.push({ server, name: null, expiresAt: null, renews: false, storedIn: 'SPECSTORY_TOKEN' });
    }
    const store = credentialStore(env);
    for (const { server, name, expires_at, refresh_token } of (await store.read()).values()) {
      const renews = refresh_token !== undefined;
      found.push({ server, name: name ?? null, expiresAt: expires_at ?? null, renews, storedIn: store.file });
    }
    return { signIns: found, problem: null };
  } catch (thrown) {
    const hint = thrown instanceof SpecstoryError && thrown.hint ? ` (${thrown.hint})` : '';
    return { signIns: found, problem: `${reason(thrown)}${hint}` };
  }
}

/** Whom a server takes the person for. */
export interface Whoami {
  readonly server: string;
  readonly name: string;
  readonly account: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
}

/** Asks the server; gives its answer or why there is none. */
export async function whoami(place: Place): Promise<Whoami | { readonly server: string; readonly failure: Failure }> {
  const server = await whichServer(place.server, place, credentialStore(place.env));
  return online(place, async (ways) => {
    const answer = await ways.api(server).ask({ method: 'GET', path: '/whoami' }, answers.whoami);
    if (!answer.ok) return { server, failure: answer.failure };
    const { account, name, token } = answer.value;
    return { server, name, account, scopes: token.scopes, expiresAt: token.expires_at ?? null };
  });
}
