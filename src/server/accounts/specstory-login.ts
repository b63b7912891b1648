import { oneLine, printable } from '../../core/text.ts';
import { Refusal } from '../refusal.ts';
import type { Account, Token } from '../store/account-store.ts';
import { minute, type Registry } from './registry.ts';
import { hashOf, newLoginCode } from './secrets.ts';
import { newGrant } from './tokens.ts';

/** How long a code for SpecStory's command line lives. */
export const loginCodeLife = 15 * minute;

/** A code to type into SpecStory's command line, good once; the account's last one is good no more. */
export async function newSpecstoryCode({ store, now }: Registry, account: Account): Promise<string> {
  const code = newLoginCode();
  await store.logins.offer({ hash: hashOf(code), account: account.id, expires: now() + loginCodeLife });
  return code;
}

/** Signs in the command line that brings a code: its refresh token, which stays the same. Throws `invalid_grant`. */
export async function redeemSpecstoryCode(
  registry: Registry,
  code: string,
  said: { client: string; hostname: string },
): Promise<{ text: string; refresh: Token; account: Account }> {
  const { store, now } = registry;
  const hash = hashOf(code);
  const id = await store.logins.offered(hash, now());
  const account = id === undefined ? undefined : await store.accounts.get(id);
  if (!account || account.disabled) throw wrongCode();
  const client = oneLine(printable(said.client), 64) || 'specstory-cli';
  const hostname = oneLine(printable(said.hostname), 64);
  const { grant, pair } = newGrant(registry, account, { client, hostname, refresh: 'fixed' });
  const refresh = grant.tokens.filter(({ kind }) => kind === 'refresh');
  const [token] = refresh;
  // It asks for an access token with the next request.
  if (!token || !(await store.logins.accept(hash, { ...grant, tokens: refresh }, now()))) throw wrongCode();
  return { text: pair.refresh_token, refresh: token, account };
}

/** The words `invalid` and `expired` let the command line ask for another code. */
function wrongCode(): Refusal {
  return new Refusal('invalid_grant', 'the code is invalid or has expired');
}
