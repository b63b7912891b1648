import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  Account,
  AccountStore,
  Device,
  Grant,
  NewAccount,
  Succession,
  Token,
} from '../../../src/server/store/account-store.ts';

let count = 0;
const unique = () => (++count).toString(16).padStart(32, '0');
const start = Date.UTC(2026, 0, 2);
const hour = 3_600_000;

const newAccount = (name: string): NewAccount => ({ id: unique(), name, admin: false, created: start, password: 'p' });
const newToken = (account: { id: string }, more: Partial<Token> = {}): Token => ({
  id: unique(),
  hash: unique(),
  kind: 'personal',
  account: account.id,
  name: 't',
  scopes: ['admin'],
  created: start,
  expires: start + hour,
  ...more,
});
const newDevice = (account: { id: string }): Device => ({
  id: unique(),
  account: account.id,
  client: 'c',
  hostname: 'h',
  refresh: 'rotating',
  created: start,
  expires: start + 100 * hour,
});
const newGrant = (account: { id: string }): Grant => {
  const device = newDevice(account);
  return { device, tokens: [newToken(account, { kind: 'refresh', device: device.id })] };
};
const successor = ({ account, device }: Token): Succession => ({
  access: newToken({ id: account }, { kind: 'access', device }),
  refresh: newToken({ id: account }, { kind: 'refresh', device }),
  sealed: unique(),
});

/** What every store of accounts does. `open` gives an empty one; `reopen` the same again, as another process has it. */
export function accountStoreContract(
  open: () => Promise<{ store: AccountStore; reopen(): Promise<AccountStore> }>,
): void {
  const world = async () => {
    const made = await open();
    onTestFinished(() => made.store.close());
    const reopen = async () => {
      const again = await made.reopen();
      onTestFinished(() => again.close());
      return again;
    };
    const account = async (name: string): Promise<Account> => {
      const draft = newAccount(name);
      await made.store.accounts.add(draft);
      const found = await made.store.accounts.get(draft.id);
      if (!found) throw new Error('not added');
      return found;
    };
    return { store: made.store, reopen, account };
  };

  describe('accounts', () => {
    it('are found by id and by name in any case, and listed by name', async () => {
      const { store, account } = await world();
      const [bob, alice] = [await account('Bob'), await account('alice')];
      expect(await store.accounts.get(bob.id)).toEqual({ ...bob, admin: false, disabled: false, created: start });
      expect(await store.accounts.find('bOB')).toEqual({ ...bob, password: 'p' });
      expect(await store.accounts.list()).toEqual([alice, bob]);
      expect(await store.accounts.get(unique())).toBeUndefined();
      expect(await store.accounts.find('nobody')).toBeUndefined();
    });

    it('have names of their own', async () => {
      const { store, account } = await world();
      await account('bob');
      await expect(store.accounts.add(newAccount('BOB'))).rejects.toMatchObject({ kind: 'conflict' });
      expect(await store.accounts.list()).toHaveLength(1);
    });

    it('are begun by one of many who want to be first', async () => {
      const { store, reopen } = await world();
      const other = await reopen();
      const all = Array.from({ length: 20 }, (_, at) =>
        (at % 2 ? store : other).accounts.addFirst(newAccount(`n${at}`)),
      );
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
      expect(await store.accounts.list()).toHaveLength(1);
    });

    it('are changed, and lose their browsers with a new password and when disabled', async () => {
      const { store, account } = await world();
      for (const change of [{ password: 'new' }, { disabled: true }]) {
        const { id } = await account(`a${Object.keys(change)}`);
        await store.logins.open({ hash: unique(), account: id, created: start, expires: start + hour });
        const session = { hash: unique(), account: id, created: start, expires: start + hour };
        await store.logins.open(session);
        expect((await store.logins.session(session.hash, start))?.account.id).toBe(id);
        expect(await store.accounts.change(id, change)).toBe(true);
        expect(await store.logins.session(session.hash, start)).toBeUndefined();
        await store.accounts.change(id, { disabled: false });
        expect(await store.logins.session(session.hash, start)).toBeUndefined();
      }
      expect(await store.accounts.change(unique(), { admin: true })).toBe(false);
    });
  });

  describe('tokens', () => {
    it('are found by hash with their account', async () => {
      const { store, account } = await world();
      const bob = await account('bob');
      const token = newToken(bob, { scopes: ['capture:write', 'sessions:read'] });
      await store.tokens.add(token);
      const stored = { ...token, device: undefined, revoked: false, lastUsed: undefined };
      expect(await store.tokens.find(token.hash)).toEqual({ token: stored, account: bob, device: undefined });
      await store.tokens.use(token.hash, '2026-01-02');
      expect((await store.tokens.find(token.hash))?.token.lastUsed).toBe('2026-01-02');
      expect(await store.tokens.find(unique())).toBeUndefined();
    });

    it('are revoked by their owner only, and seen so by another process', async () => {
      const { store, reopen, account } = await world();
      const [alice, bob] = [await account('alice'), await account('bob')];
      const token = newToken(bob);
      await store.tokens.add(token);
      expect(await store.tokens.revoke(token.id, alice.id)).toBe(false);
      expect(await store.tokens.personal(bob.id)).toHaveLength(1);
      expect(await store.tokens.revoke(token.id, bob.id)).toBe(true);
      expect(await store.tokens.revoke(token.id)).toBe(false);
      expect((await (await reopen()).tokens.find(token.hash))?.token.revoked).toBe(true);
      expect(await store.tokens.personal(bob.id)).toEqual([]);
    });

    it('rotate once among many, from two processes (B72)', async () => {
      const { store, reopen, account } = await world();
      const { old, refreshes } = await signedIn(store, await account('bob'));
      const other = await reopen();
      const all = await Promise.all(
        Array.from({ length: 16 }, async (_, at) => {
          const next = successor(old);
          return {
            next,
            rotation: await (at % 2 ? store : other).tokens.rotate(old.hash, next, { now: start, grace: 30 }),
          };
        }),
      );
      const winners = all.filter(({ rotation }) => rotation.outcome === 'rotated');
      expect(winners).toHaveLength(1);
      const sealed = winners[0]?.next.sealed;
      for (const { rotation } of all.filter((one) => one !== winners[0]))
        expect(rotation).toEqual({ outcome: 'repeated', sealed });
      expect(await refreshes()).toBe(1);
    });

    it('give what followed within the grace, and take everything from a device whose token comes back after it', async () => {
      const { store, account } = await world();
      const { old, device } = await signedIn(store, await account('bob'));
      const next = successor(old);
      const at = (now: number) => store.tokens.rotate(old.hash, successor(old), { now, grace: 30 });
      await store.tokens.rotate(old.hash, next, { now: start, grace: 30 });
      expect(await at(start + 30)).toEqual({ outcome: 'repeated', sealed: next.sealed });
      expect((await store.tokens.find(next.access.hash))?.token.revoked).toBe(false);
      expect(await at(start + 31)).toEqual({ outcome: 'reused' });
      for (const { hash } of [old, next.access, next.refresh])
        expect((await store.tokens.find(hash))?.token.revoked).toBe(true);
      expect(await store.tokens.rotate(next.refresh.hash, successor(old), { now: start, grace: 30 })).toEqual({
        outcome: 'dead',
      });
      expect(await store.tokens.devices(device.account, start)).toEqual([]);
    });

    it('do not rotate when they expired, are of another kind or do not exist', async () => {
      const { store, account } = await world();
      const bob = await account('bob');
      const { old } = await signedIn(store, bob);
      const personal = newToken(bob);
      await store.tokens.add(personal);
      const rotate = (hash: string, now: number) => store.tokens.rotate(hash, successor(old), { now, grace: 30 });
      expect(await rotate(old.hash, old.expires)).toEqual({ outcome: 'dead' });
      expect(await rotate(personal.hash, start)).toEqual({ outcome: 'dead' });
      expect(await rotate(unique(), start)).toEqual({ outcome: 'dead' });
    });

    it('end with their device, which only its owner ends', async () => {
      const { store, account } = await world();
      const [alice, bob] = [await account('alice'), await account('bob')];
      const { old, device } = await signedIn(store, bob);
      expect(await store.tokens.devices(bob.id, start)).toEqual([{ ...device, lastUsed: undefined }]);
      expect(await store.tokens.devices(bob.id, old.expires)).toEqual([]);
      expect(await store.tokens.revokeDevice(alice.id, device.id)).toBe(false);
      expect(await store.tokens.revokeDevice(bob.id, device.id)).toBe(true);
      expect((await store.tokens.find(old.hash))?.token.revoked).toBe(true);
    });

    it('are swept when they expired, the device with its last token', async () => {
      const { store, account } = await world();
      const bob = await account('bob');
      const { old } = await signedIn(store, bob);
      await store.tokens.add(newToken(bob, { expires: start + 5 * hour }));
      expect(await store.tokens.sweep(start + 2 * hour)).toBe(1);
      expect(await store.tokens.find(old.hash)).toBeUndefined();
      expect(await store.tokens.personal(bob.id)).toHaveLength(1);
    });
  });

  describe('logins', () => {
    const request = (more = {}) => ({
      hash: unique(),
      user: unique(),
      client: 'c',
      hostname: 'h',
      address: '127.0.0.1',
      created: start,
      expires: start + hour,
      ...more,
    });

    it('let a device in once among many, from two processes (B71)', async () => {
      const { store, reopen, account } = await world();
      const bob = await account('bob');
      const asked = request();
      await store.logins.ask(asked);
      expect(await store.logins.asked(asked.user, start)).toEqual(asked);
      expect(await store.logins.poll(asked.hash, start)).toBe('pending');
      expect(await store.logins.decide(asked.user, bob.id, start)).toBe(true);
      expect(await store.logins.poll(asked.hash, start)).toEqual({ account: bob.id, client: 'c', hostname: 'h' });
      const other = await reopen();
      const all = Array.from({ length: 50 }, (_, at) =>
        (at % 2 ? store : other).logins.redeem(asked.hash, newGrant(bob), start),
      );
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
      expect(await store.tokens.devices(bob.id, start)).toHaveLength(1);
      expect(await store.logins.poll(asked.hash, start)).toBe('expired');
    });

    it('make who polls too soon wait longer each time', async () => {
      const { store } = await world();
      const asked = request();
      await store.logins.ask(asked);
      const poll = (seconds: number) => store.logins.poll(asked.hash, start + seconds * 1000);
      expect([await poll(0), await poll(5), await poll(9)]).toEqual(['pending', 'pending', 'slow-down']);
      expect([await poll(18), await poll(33)]).toEqual(['slow-down', 'pending']);
    });

    it('decide once, in time, and not after a denial', async () => {
      const { store, account } = await world();
      const bob = await account('bob');
      const [late, denied] = [request(), request()];
      for (const asked of [late, denied]) await store.logins.ask(asked);
      expect(await store.logins.decide(late.user, bob.id, late.expires)).toBe(false);
      expect(await store.logins.poll(late.hash, late.expires)).toBe('expired');
      expect(await store.logins.decide(denied.user, 'denied', start)).toBe(true);
      expect(await store.logins.decide(denied.user, bob.id, start)).toBe(false);
      expect(await store.logins.asked(denied.user, start)).toBeUndefined();
      expect(await store.logins.poll(denied.hash, start)).toBe('denied');
      expect(await store.logins.redeem(denied.hash, newGrant(bob), start)).toBe(false);
    });

    it('take a code once, the last one of an account, in time', async () => {
      const { store, account } = await world();
      const bob = await account('bob');
      const [first, second] = [unique(), unique()];
      for (const hash of [first, second]) await store.logins.offer({ hash, account: bob.id, expires: start + hour });
      expect(await store.logins.offered(first, start)).toBeUndefined();
      expect(await store.logins.offered(second, start)).toBe(bob.id);
      expect(await store.logins.offered(second, start + hour)).toBeUndefined();
      const all = Array.from({ length: 20 }, () => store.logins.accept(second, newGrant(bob), start));
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
    });

    it('know a browser until it signs out or its time is over', async () => {
      const { store, account } = await world();
      const bob = await account('bob');
      const session = { hash: unique(), account: bob.id, created: start, expires: start + hour };
      await store.logins.open(session);
      expect(await store.logins.session(session.hash, start)).toEqual({ session, account: bob });
      expect(await store.logins.session(session.hash, start + hour)).toBeUndefined();
      await store.logins.close(session.hash);
      expect(await store.logins.session(session.hash, start)).toBeUndefined();
    });

    it('are swept when they expired', async () => {
      const { store } = await world();
      const [old, young] = [request(), request({ expires: start + 5 * hour })];
      for (const asked of [old, young]) await store.logins.ask(asked);
      await store.logins.sweep(start + 2 * hour);
      expect(await store.logins.asked(old.user, start)).toBeUndefined();
      expect(await store.logins.asked(young.user, start)).toEqual(young);
    });
  });

  describe('projects', () => {
    const project = (owner: Account, id: string) => ({ key: unique(), id, name: id, owner: owner.id, created: start });

    it('are made once by each account, whatever others call theirs (B48)', async () => {
      const { store, reopen, account } = await world();
      const [alice, bob] = [await account('alice'), await account('bob')];
      const other = await reopen();
      const made = await Promise.all(
        Array.from({ length: 10 }, (_, at) => (at % 2 ? store : other).projects.make(project(alice, 'x'))),
      );
      expect(new Set(made.map(({ key }) => key)).size).toBe(1);
      expect(await store.projects.find(bob.id, 'x')).toBeUndefined();
      const own = await store.projects.make(project(bob, 'x'));
      expect(own.key).not.toBe(made[0]?.key);
      expect(await store.projects.find(bob.id, 'x')).toEqual({ ...own, role: 'owner' });
      expect((await store.projects.all()).map(({ ownerName }) => ownerName)).toEqual(['alice', 'bob']);
    });

    it('are named for members too, but never before their own', async () => {
      const { store, account } = await world();
      const [alice, bob, carol] = [await account('alice'), await account('bob'), await account('carol')];
      const hers = await store.projects.make(project(alice, 'x'));
      const carols = await store.projects.make(project(carol, 'x'));
      for (const [at, { key }] of [carols, hers].entries())
        await store.projects.setMember(key, { account: bob.id, role: 'reader', invited: false, added: start + at });
      expect(await store.projects.find(bob.id, 'x')).toEqual({ ...carols, role: 'reader' });
      expect(await store.projects.list(bob.id)).toHaveLength(2);
      const own = await store.projects.make(project(bob, 'x'));
      expect(await store.projects.find(bob.id, 'x')).toEqual({ ...own, role: 'owner' });
    });

    it('have members who come, change and go; an invitation gives nothing until it is accepted', async () => {
      const { store, account } = await world();
      const [alice, bob] = [await account('alice'), await account('bob')];
      const { key } = await store.projects.make(project(alice, 'x'));
      const set = (role: 'reader' | 'writer', invited: boolean) =>
        store.projects.setMember(key, { account: bob.id, role, invited, added: start + 1 });
      await set('reader', true);
      expect(await store.projects.find(bob.id, 'x')).toBeUndefined();
      expect(await store.projects.list(bob.id)).toEqual([]);
      expect(await store.projects.invitations(bob.id)).toMatchObject([{ key, role: 'reader', ownerName: 'alice' }]);
      expect(await store.projects.join(key, bob.id, start + 2)).toBe(true);
      expect(await store.projects.join(key, bob.id, start + 2)).toBe(false);
      await set('writer', true);
      expect(await store.projects.find(bob.id, 'x')).toMatchObject({ role: 'writer' });
      expect(await store.projects.members(key)).toMatchObject([
        { name: 'alice', role: 'owner', invited: false },
        { name: 'bob', role: 'writer', invited: false },
      ]);
      expect(await store.projects.removeMember(key, bob.id)).toBe(true);
      expect(await store.projects.removeMember(key, bob.id)).toBe(false);
      expect(await store.projects.find(bob.id, 'x')).toBeUndefined();
    });

    it('keep their owner', async () => {
      const { store, account } = await world();
      const alice = await account('alice');
      const { key } = await store.projects.make(project(alice, 'x'));
      const demoted = store.projects.setMember(key, {
        account: alice.id,
        role: 'reader',
        invited: false,
        added: start,
      });
      await expect(demoted).rejects.toMatchObject({ kind: 'conflict' });
      await expect(store.projects.removeMember(key, alice.id)).rejects.toMatchObject({ kind: 'conflict' });
    });

    it('are named and shown as somebody chose, and go with their members, so that their id is free again', async () => {
      const { store, account } = await world();
      const [alice, bob] = [await account('alice'), await account('bob')];
      const { key } = await store.projects.make(project(alice, 'x'));
      await store.projects.setMember(key, { account: bob.id, role: 'writer', invited: false, added: start });
      await store.projects.claim(key, 'w', bob.id, start);
      expect(await store.projects.change(key, { icon: 'Bot' }, start + 1)).toMatchObject({ name: 'x', icon: 'Bot' });
      await store.projects.change(key, { name: 'The app', color: 'rose' }, start + 2);
      const shown = { key, name: 'The app', icon: 'Bot', color: 'rose', updated: start + 2 };
      expect(await store.projects.get(key)).toMatchObject(shown);
      expect(await store.projects.find(bob.id, 'x')).toMatchObject(shown);
      expect(await store.projects.change('absent', { name: 'y' }, start)).toBeUndefined();
      await store.projects.remove(key);
      expect([await store.projects.get(key), await store.projects.list(bob.id)]).toEqual([undefined, []]);
      expect(await store.projects.writers(key)).toEqual([]);
      const again = await store.projects.make({ ...project(alice, 'x'), key: 'f'.repeat(32) });
      expect(again).toMatchObject({ key: 'f'.repeat(32), id: 'x' });
    });

    it('give a writer to the account that claims it first, in each project', async () => {
      const { store, reopen, account } = await world();
      const [alice, bob] = [await account('alice'), await account('bob')];
      const [one, two] = [
        await store.projects.make(project(alice, 'x')),
        await store.projects.make(project(alice, 'y')),
      ];
      const other = await reopen();
      const claims = [
        ...Array.from({ length: 5 }, () => store.projects.claim(one.key, 'w', alice.id, start)),
        ...Array.from({ length: 5 }, () => other.projects.claim(one.key, 'w', bob.id, start)),
      ];
      expect(new Set(await Promise.all(claims)).size).toBe(1);
      expect(await store.projects.claim(two.key, 'w', bob.id, start)).toBe(bob.id);
      expect(await store.projects.writers(two.key)).toEqual([{ writer: 'w', account: 'bob' }]);
    });
  });

  it('keeps facts', async () => {
    const { store, reopen } = await world();
    await store.setFact('a', '1');
    await store.setFact('a', '2');
    expect(await (await reopen()).fact('a')).toBe('2');
    await store.setFact('a', undefined);
    expect(await store.fact('a')).toBeUndefined();
  });
}

async function signedIn(store: AccountStore, account: Account) {
  const asked = unique();
  const grant = newGrant(account);
  await store.logins.offer({ hash: asked, account: account.id, expires: start + hour });
  await store.logins.accept(asked, grant, start);
  const [old] = grant.tokens;
  if (!old) throw new Error('no token');
  const refreshes = async () => (await store.tokens.devices(account.id, start)).length;
  return { old, device: grant.device, refreshes };
}
