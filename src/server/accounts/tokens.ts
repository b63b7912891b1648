import { SpecstoryError } from '../../core/errors.ts';
import { oneLine, printable } from '../../core/text.ts';
import { tokenKind } from '../../core/token.ts';
import type { Scope } from '../access.ts';
import { Refusal } from '../refusal.ts';
import type { Account, Device, Grant, StoredToken, Token } from '../store/account-store.ts';
import { day, hour, type Registry } from './registry.ts';
import { seal, type TokenPair, unseal } from './sealed-pair.ts';
import { hashOf, newId, newToken } from './secrets.ts';

/** Lifetimes, and how long after a rotation the old refresh token still gets what followed it. */
const life = { access: hour, refresh: 90 * day, device: 366 * day, grace: 30_000 };
const personal = { usual: 90 * day, most: 366 * day };

/** What a device that signs in may do. */
const deviceScopes: readonly Scope[] = ['capture:write', 'sessions:read', 'search:read', 'share:write'];

/** A new device of an account with its first tokens, not stored yet. */
export function newGrant(
  registry: Registry,
  account: Account,
  device: Pick<Device, 'client' | 'hostname' | 'refresh'>,
): { readonly grant: Grant; readonly pair: TokenPair } {
  const created = registry.now();
  const made: Device = { ...device, id: newId(), account: account.id, created, expires: created + life.device };
  const { access, refresh, pair } = newPair(registry, account, made);
  return { grant: { device: made, tokens: [access, refresh] }, pair };
}

/**
 * Exchanges a refresh token for the next pair. Who asks again within 30 seconds, or at the same moment, gets the same pair. One that was
 * exchanged longer ago is in two hands: everything of its device is revoked. Throws `invalid_grant` then, and for whatever is no
 * refresh token.
 */
export async function refreshPair(registry: Registry, text: string): Promise<TokenPair> {
  const found = await liveToken(registry, text, 'refresh');
  if (found?.device?.refresh !== 'rotating') throw invalidGrant();
  const { access, refresh, pair } = newPair(registry, found.account, found.device);
  const next = { access, refresh, sealed: seal(pair, text) };
  const rotation = await registry.store.tokens.rotate(hashOf(text), next, { now: registry.now(), grace: life.grace });
  if (rotation.outcome === 'rotated') return pair;
  if (rotation.outcome === 'repeated') return unseal(rotation.sealed, text);
  throw invalidGrant();
}

/** A new access token for a device whose refresh token stays. Throws `invalid_grant`. */
export async function accessFor(registry: Registry, text: string): Promise<{ text: string; token: Token }> {
  const found = await liveToken(registry, text, 'refresh');
  if (found?.device?.refresh !== 'fixed') throw invalidGrant();
  const made = newDeviceToken(registry, found.account, found.device, 'access');
  await registry.store.tokens.add(made.token);
  return made;
}

/** Makes a token for programs; its text is given once. `expires` is a time, 90 days from now unless told. Throws `usage`. */
export async function newPersonalToken(
  registry: Registry,
  account: Account,
  draft: { name: string; scopes: readonly Scope[]; expires?: number | undefined },
): Promise<{ text: string; token: Token }> {
  const created = registry.now();
  const expires = draft.expires ?? created + personal.usual;
  if (draft.scopes.length === 0) throw new SpecstoryError('usage', 'a token needs a scope');
  if (!(expires > created && expires <= created + personal.most))
    throw new SpecstoryError('usage', 'a token expires within 366 days');
  const name = oneLine(printable(draft.name)) || 'token';
  const text = newToken('personal');
  const scopes = [...new Set(draft.scopes)];
  const token: Token = {
    id: newId(),
    hash: hashOf(text),
    kind: 'personal',
    account: account.id,
    name,
    scopes,
    created,
    expires,
  };
  await registry.store.tokens.add(token);
  return { text, token };
}

/** Ends a token: a personal one alone, another one with its whole device. `false` when it was not alive. */
export async function revokeToken(registry: Registry, text: string): Promise<boolean> {
  const found = await liveToken(registry, text);
  if (!found) return false;
  const { token, device } = found;
  if (device) return registry.store.tokens.revokeDevice(token.account, device.id);
  return registry.store.tokens.revoke(token.id, token.account);
}

/** The token of a text while it may be used; the look-up is by hash, so that nothing is told by how long it takes. */
export async function liveToken(
  registry: Registry,
  text: string,
  kind = tokenKind(text),
): Promise<{ token: StoredToken; account: Account; device: Device | undefined } | undefined> {
  if (kind === undefined || tokenKind(text) !== kind) return undefined;
  const found = await registry.store.tokens.find(hashOf(text));
  if (!found || found.account.disabled || found.token.revoked) return undefined;
  return found.token.expires > registry.now() ? found : undefined;
}

function newPair(registry: Registry, account: Account, device: Device) {
  const access = newDeviceToken(registry, account, device, 'access');
  const refresh = newDeviceToken(registry, account, device, 'refresh');
  const pair: TokenPair = {
    access_token: access.text,
    refresh_token: refresh.text,
    expires_at: new Date(access.token.expires).toISOString(),
    name: account.name,
  };
  return { access: access.token, refresh: refresh.token, pair };
}

function newDeviceToken(registry: Registry, account: Account, device: Device, kind: 'access' | 'refresh') {
  const created = registry.now();
  const text = newToken(kind);
  const most = kind === 'refresh' && device.refresh === 'fixed' ? life.device : life[kind];
  const token: Token = {
    id: newId(),
    hash: hashOf(text),
    kind,
    account: account.id,
    device: device.id,
    name: deviceName(device),
    scopes: kind === 'access' ? deviceScopes : [],
    created,
    expires: Math.min(created + most, device.expires),
  };
  return { text, token };
}

/** A device as people know it. */
export function deviceName({ client, hostname }: Pick<Device, 'client' | 'hostname'>): string {
  return hostname ? `${client} on ${hostname}` : client;
}

function invalidGrant(): Refusal {
  return new Refusal('invalid_grant', 'this sign-in is no longer valid', { hint: 'sign in again' });
}
