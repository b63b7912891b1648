import { SpecstoryError } from '../../core/errors.ts';
import { openRepository, readConfig } from '../../git/repository.ts';
import { addressOf } from '../../protocol/address.ts';
import type { CredentialStore } from '../../remote/credential-store.ts';
import { consentedRemotes } from '../remote/named-remote.ts';

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The server that is meant: the one named, that of `SPECSTORY_SERVER`, that of this repository's remotes, or the only one signed in to.
 * Throws `usage` when none or several could be.
 */
export async function whichServer(named: string | undefined, place: Place, store: CredentialStore): Promise<string> {
  const told = named ?? (place.env.SPECSTORY_SERVER || undefined);
  if (told !== undefined) return addressOf(told, 'any').server;
  const [server, ...others] = new Set((await serversOfRepository(place)) ?? []);
  if (server !== undefined && others.length === 0) return server;
  const known = [...(await store.read()).values()].map((signIn) => signIn.server);
  if (server === undefined && known.length === 1 && known[0]) return known[0];
  const hint = `for example: specstory login --server ${server ?? 'https://history.example.org'}`;
  throw new SpecstoryError('usage', 'which server? name it with --server', { hint });
}

async function serversOfRepository({ cwd }: Place): Promise<string[] | undefined> {
  try {
    const config = await readConfig(await openRepository(cwd));
    return consentedRemotes(config).flatMap(({ target }) =>
      target.kind === 'specstory' ? [target.address.server] : [],
    );
  } catch {
    return undefined;
  }
}
