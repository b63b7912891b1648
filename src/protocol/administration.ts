import * as z from 'zod';

const time = z.iso.datetime();

export const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  admin: z.boolean(),
  disabled: z.boolean(),
  created_at: time,
});
export type User = z.infer<typeof userSchema>;

export const personalTokenSchema = z.object({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  created_at: time,
  expires_at: time,
  /** The last day it was used: `2026-01-02`. */
  last_used: z.string().nullable(),
});
export type PersonalToken = z.infer<typeof personalTokenSchema>;

/** A token that was just made, with its text, which is given once. */
export const newTokenSchema = personalTokenSchema.extend({ token: z.string() });
export type NewToken = z.infer<typeof newTokenSchema>;

export const ownedProjectSchema = z.object({ owner: z.string(), id: z.string(), name: z.string(), created_at: time });
export type OwnedProject = z.infer<typeof ownedProjectSchema>;

export const memberSchema = z.object({
  name: z.string(),
  role: z.string(),
  /** Whether the account has yet to accept. */
  invited: z.boolean().optional(),
});
export type ProjectMember = z.infer<typeof memberSchema>;

/** A project among those of everybody. */
export type ProjectName = Pick<OwnedProject, 'owner' | 'id'>;

/** How far an index is that is made anew: of one project, which is the `number`th of `of`. */
export const reindexedSchema = z.object({
  /** OWNER/ID */
  project: z.string(),
  number: z.number(),
  of: z.number(),
  /** Sessions and annotations looked at so far, of all writers. */
  items: z.number(),
  /** What was not taken in; known when the project is done. */
  rejected: z.number().optional(),
});
export type Reindexed = z.infer<typeof reindexedSchema>;

/**
 * What an administrator of a server can do, on its data directory or over `<server>/api/v2/admin`: the same answers either way. Throws
 * `usage`, `not-found` or `conflict` for what cannot be done.
 */
export interface Administration {
  users(): Promise<User[]>;
  addUser(draft: { name: string; password?: string | undefined; admin?: boolean | undefined }): Promise<User>;
  changeUser(name: string, change: { password?: string | undefined; disabled?: boolean | undefined }): Promise<User>;
  /** The personal tokens of a user, or of all. */
  tokens(user?: string): Promise<PersonalToken[]>;
  addToken(
    user: string,
    draft: { name: string; scopes: readonly string[]; expires_at?: string | undefined },
  ): Promise<NewToken>;
  revokeToken(id: string): Promise<void>;
  projects(): Promise<OwnedProject[]>;
  members(project: ProjectName): Promise<ProjectMember[]>;
  setMember(project: ProjectName, name: string, role: string): Promise<ProjectMember>;
  removeMember(project: ProjectName, name: string): Promise<void>;
}
