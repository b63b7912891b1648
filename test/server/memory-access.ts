import { createHash } from 'node:crypto';
import type { WriterId } from '../../src/core/ids.ts';
import type { Access, Actor, Project, Role, Scope } from '../../src/server/access.ts';
import { scopes } from '../../src/server/access.ts';

/** An `Access` that knows tokens by heart: `<account>` may do everything, `<account>:<scope>` only that. */
export class MemoryAccess implements Access {
  private readonly projects = new Set<string>();
  private readonly members = new Map<string, { key: string; role: Role }>();
  private readonly writers = new Map<string, string>();

  /** Makes an account a member of a project of another one. */
  share(owner: string, id: string, member: string, role: Role): void {
    this.projects.add(keyOf(owner, id));
    this.members.set(`${member} ${id}`, { key: keyOf(owner, id), role });
  }

  async authenticate(header: string | undefined): Promise<Actor | undefined> {
    const [, scheme, rest = ''] = /^(Bearer|Basic) (.+)$/i.exec(header ?? '') ?? [];
    const token = scheme === 'Basic' ? Buffer.from(rest, 'base64').toString().split(':')[1] : rest;
    const [name = '', ...scope] = (token ?? '').split('.');
    if (!/^[a-z]+$/.test(name)) return undefined;
    const only = scopes.filter((known): known is Scope => scope.length === 0 || scope.includes(known));
    return { account: keyOf(name, ''), name, scopes: new Set(only) };
  }

  async project({ name }: Actor, id: string, { create = false } = {}): Promise<Project | undefined> {
    const member = this.members.get(`${name} ${id}`);
    const key = member?.key ?? keyOf(name, id);
    if (create) this.projects.add(key);
    return this.projects.has(key) ? { key, id, name: id, role: member?.role ?? 'owner' } : undefined;
  }

  async claimWriter({ key }: Project, writer: WriterId, account: string): Promise<boolean> {
    const owner = this.writers.get(`${key} ${writer}`) ?? account;
    this.writers.set(`${key} ${writer}`, owner);
    return owner === account;
  }
}

export function keyOf(account: string, id: string): string {
  return createHash('sha256').update(`${account} ${id}`).digest('hex').slice(0, 32);
}
