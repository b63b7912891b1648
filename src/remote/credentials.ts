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
