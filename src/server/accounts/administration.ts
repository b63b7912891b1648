import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import type { Administration, PersonalToken, ProjectMember, ProjectName, User } from '../../protocol/administration.ts';
import { scopes } from '../access.ts';
import { Refusal } from '../refusal.ts';
import type { Account, Member, ProjectRow, StoredToken } from '../store/account-store.ts';
import { accountNamed, addAccount, changeAccount } from './accounts.ts';
import { removeMember, setMember } from './projects.ts';
import type { Registry } from './registry.ts';
import { newPersonalToken } from './tokens.ts';

const scopesSchema = z.array(z.enum(scopes));
const roleSchema = z.enum(['owner', 'writer', 'reader']);

/** Administration of the accounts at hand: behind the API, and for the command line on a data directory. */
export function administration(registry: Registry): Administration {
  const { store } = registry;
  return {
    users: async () => (await store.accounts.list()).map(userOf),
    addUser: async ({ name, password, admin = false }) => userOf(await addAccount(registry, { name, password, admin })),
    changeUser: async (name, change) => userOf(await changeAccount(registry, name, change)),
    tokens: async (user) => {
      const accounts = user === undefined ? await store.accounts.list() : [await accountNamed(registry, user)];
      const found = accounts.map(async ({ id, name }) => (await store.tokens.personal(id)).map(tokenOf(name)));
      return (await Promise.all(found)).flat();
    },
    addToken: async (user, { name, scopes: wanted, expires_at }) => {
      const account = await accountNamed(registry, user);
      const expires = expires_at === undefined ? undefined : Date.parse(expires_at);
      const draft = { name, scopes: understood(scopesSchema, wanted, `scopes: ${scopes.join(', ')}`), expires };
      const { text, token } = await newPersonalToken(registry, account, draft);
      return { ...tokenOf(account.name)({ ...token, revoked: false, lastUsed: undefined }), token: text };
    },
    revokeToken: async (id) => {
      if (!(await store.tokens.revoke(id))) throw new Refusal('not_found', 'there is no such token');
    },
    ...projectAdministration(registry),
  };
}

function projectAdministration(
  registry: Registry,
): Pick<Administration, 'projects' | 'members' | 'setMember' | 'removeMember'> {
  const { store } = registry;
  return {
    projects: async () =>
      (await store.projects.all()).map(({ ownerName: owner, id, name, created }) => ({
        owner,
        id,
        name,
        created_at: iso(created),
      })),
    members: async (name) => {
      const { key } = await projectNamed(registry, name);
      return (await store.projects.members(key)).map(memberOf);
    },
    setMember: async (project, name, role) => {
      const wanted = understood(roleSchema, role, 'roles: reader, writer, owner');
      return memberOf(
        await setMember(registry, await projectNamed(registry, project), { name, role: wanted, by: 'administrator' }),
      );
    },
    removeMember: async (project, name) => removeMember(registry, await projectNamed(registry, project), name),
  };
}

async function projectNamed({ store }: Registry, { owner, id }: ProjectName): Promise<ProjectRow> {
  const all = await store.projects.all();
  const found = all.find((project) => project.ownerName.toLowerCase() === owner.toLowerCase() && project.id === id);
  if (!found) throw new Refusal('not_found', 'there is no such project');
  return found;
}

function understood<T>(schema: z.ZodType<T>, value: unknown, hint: string): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new SpecstoryError('usage', result.error.issues[0]?.message ?? 'wrong value', { hint });
  return result.data;
}

function userOf({ id, name, admin, disabled, created }: Account): User {
  return { id, name, admin, disabled, created_at: iso(created) };
}

/** A personal token as it is shown. */
export function tokenOf(user: string): (token: StoredToken) => PersonalToken {
  return ({ id, name, scopes: may, created, expires, lastUsed }) => ({
    id,
    user,
    name,
    scopes: [...may],
    created_at: iso(created),
    expires_at: iso(expires),
    last_used: lastUsed ?? null,
  });
}

/** A member as it is shown. */
export function memberOf({ name, role, invited }: Member): ProjectMember {
  return { name, role, ...(invited ? { invited } : {}) };
}

const iso = (time: number): string => new Date(time).toISOString();
