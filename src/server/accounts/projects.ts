import { isProjectName } from '../../protocol/address.ts';
import type { Actor, Project, Role } from '../access.ts';
import { Refusal } from '../refusal.ts';
import type { Account, Member, ProjectRow } from '../store/account-store.ts';
import { accountNamed } from './accounts.ts';
import type { Registry } from './registry.ts';
import { newId } from './secrets.ts';

/** The project that an id names for an account; made on first use when `create` is said. */
export async function projectFor(
  { store, now }: Registry,
  { account }: Pick<Actor, 'account'>,
  id: string,
  { create = false }: { create?: boolean } = {},
): Promise<Project | undefined> {
  if (!isProjectName(id)) return undefined;
  const found = await store.projects.find(account, id);
  if (found) return { key: found.key, id: found.id, name: found.name, role: found.role };
  if (!create) return undefined;
  const made = await store.projects.make({ key: newId(), id, name: id, owner: account, created: now() });
  return { key: made.key, id: made.id, name: made.name, role: 'owner' };
}

/**
 * Gives an account a role in a project. Whoever may not decide for the account only invites it: otherwise anybody could make somebody else's
 * next push go into a project of his own, because it is the id that names it. Throws `not_found`, and `conflict` for the owner.
 */
export async function setMember(
  registry: Registry,
  project: Pick<ProjectRow, 'key'>,
  { name, role, by }: { name: string; role: Role; by: 'administrator' | 'owner' },
): Promise<Member> {
  const account = await accountNamed(registry, name);
  const added = registry.now();
  await registry.store.projects.setMember(project.key, { account: account.id, role, invited: by === 'owner', added });
  return memberNamed(registry, project, account);
}

/** Throws `not_found` when the account is no member, `conflict` for the owner. */
export async function removeMember(registry: Registry, project: Pick<ProjectRow, 'key'>, name: string): Promise<void> {
  const account = await registry.store.accounts.find(name);
  if (!account || !(await registry.store.projects.removeMember(project.key, account.id))) throw noMember();
}

/** Throws `not_found` when nobody of that name is a member. */
export async function member(registry: Registry, project: Pick<ProjectRow, 'key'>, name: string): Promise<Member> {
  const account = await registry.store.accounts.find(name);
  if (!account) throw noMember();
  return memberNamed(registry, project, account);
}

async function memberNamed(
  { store }: Registry,
  { key }: Pick<ProjectRow, 'key'>,
  { id }: Pick<Account, 'id'>,
): Promise<Member> {
  const found = (await store.projects.members(key)).find(({ account }) => account === id);
  if (!found) throw noMember();
  return found;
}

function noMember(): Refusal {
  return new Refusal('not_found', 'there is no such member');
}
