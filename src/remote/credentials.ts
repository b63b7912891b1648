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

/** The token of `SPECSTORY_TOKEN`, for the origin of `SPECSTORY_SERVER` only. */
export function openCredentials({ env }: { env: NodeJS.ProcessEnv; http: Http; home?: string }): Credentials {
  const { SPECSTORY_TOKEN: token, SPECSTORY_SERVER: server } = env;
  const home = server && URL.canParse(server) ? new URL(server).origin : undefined;
  return {
    authorization: async (origin) => (token && origin === home ? `Bearer ${token}` : undefined),
    renew: async () => undefined,
  };
}
