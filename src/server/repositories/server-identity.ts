import type { Identity } from '../../git/identity.ts';

/** Who moves refs on a server, and writes what the server itself says. */
export const serverIdentity: Identity = { name: 'specstory', email: 'specstory@localhost' };
