import { oneLine, printable } from '../../core/text.ts';
import { Refusal } from '../refusal.ts';
import type { Account, DeviceRequest } from '../store/account-store.ts';
import { minute, type Registry } from './registry.ts';
import type { TokenPair } from './sealed-pair.ts';
import { hashOf, newSecret, newUserCode, readUserCode } from './secrets.ts';
import { newGrant } from './tokens.ts';

/** Device Authorization Grant, RFC 8628: times in seconds, as the client is told. */
const device = { life: (15 * minute) / 1000, interval: 5 };

interface DeviceCodes {
  readonly device: string;
  readonly user: string;
  /** Seconds. */
  readonly life: number;
  /** Seconds between two polls. */
  readonly interval: number;
}

/** A device asks to be let in; what it says of itself is shown to the person who decides. */
export async function askForDevice(
  { store, now }: Registry,
  said: { client: string; hostname: string; address: string },
): Promise<DeviceCodes> {
  const codes = { device: newSecret(), user: newUserCode() };
  const created = now();
  await store.logins.ask({
    hash: hashOf(codes.device),
    user: hashOf(codes.user),
    client: shown(said.client) || 'a program',
    hostname: shown(said.hostname),
    address: said.address,
    created,
    expires: created + device.life * 1000,
  });
  return { ...codes, ...device };
}

/** The request behind a code as a person typed it, while it can be decided. */
export async function deviceRequest({ store, now }: Registry, typed: string): Promise<DeviceRequest | undefined> {
  const code = readUserCode(typed);
  return code === undefined ? undefined : store.logins.asked(hashOf(code), now());
}

/** Lets a device in as an account, or sends it away; `false` when the code is not open any more. */
export async function decideDevice({ store, now }: Registry, typed: string, as: Account | 'denied'): Promise<boolean> {
  const code = readUserCode(typed);
  if (code === undefined) return false;
  return store.logins.decide(hashOf(code), as === 'denied' ? as : as.id, now());
}

/** The tokens of a device once it was let in, for whoever asks first. Throws the refusals of RFC 8628, 3.5. */
export async function redeemDevice(registry: Registry, code: string): Promise<TokenPair> {
  const { store, now } = registry;
  const hash = hashOf(code);
  const asked = await store.logins.poll(hash, now());
  if (asked === 'pending') throw new Refusal('authorization_pending', 'nobody has decided yet');
  if (asked === 'slow-down') throw new Refusal('slow_down', 'asked too soon: wait 5 seconds longer each time');
  if (asked === 'denied') throw new Refusal('access_denied', 'the request was denied');
  if (asked === 'expired') throw expired();
  const account = await store.accounts.get(asked.account);
  if (!account || account.disabled) throw expired();
  const { client, hostname } = asked;
  const { grant, pair } = newGrant(registry, account, { client, hostname, refresh: 'rotating' });
  if (!(await store.logins.redeem(hash, grant, now()))) throw expired();
  return pair;
}

function expired(): Refusal {
  return new Refusal('expired_token', 'the code has expired or was used', { hint: 'ask for a new one' });
}

function shown(text: string): string {
  return oneLine(printable(text), 64);
}
