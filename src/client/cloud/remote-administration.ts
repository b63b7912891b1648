import * as z from 'zod';
import { type ErrorKind, reason, SpecstoryError } from '../../core/errors.ts';
import { asObject, asText, parseJson } from '../../core/json.ts';
import { addressOf, protocol, protocolHeader } from '../../protocol/address.ts';
import {
  type Administration,
  memberSchema,
  newTokenSchema,
  ownedProjectSchema,
  type ProjectName,
  personalTokenSchema,
  userSchema,
} from '../../protocol/administration.ts';

export type { Administration, ProjectName } from '../../protocol/administration.ts';

/** Administration of a server over its API, with a token of an administrator that has the scope `admin`. */
export function remoteAdministration(server: string, token: string): Administration {
  const base = `${addressOf(server, 'any').server}/api/v2/admin`;
  const ask = async <T>(schema: z.ZodType<T>, method: string, path: string, body?: object): Promise<T> => {
    const answer = await send(`${base}${path}`, { method, token, body });
    const result = schema.safeParse(parseJson(answer));
    if (!result.success) throw new SpecstoryError('unavailable', `${server} does not answer like a specstory server`);
    return result.data;
  };
  const list = <T>(schema: z.ZodType<T>, name: string, path: string): Promise<T[]> =>
    ask(
      z.object({ [name]: z.array(schema) }).transform((found) => found[name] ?? []),
      'GET',
      path,
    );
  const members = ({ owner, id }: ProjectName, name?: string) =>
    `/projects/${part(owner)}/${part(id)}/members${name === undefined ? '' : `/${part(name)}`}`;
  return {
    users: () => list(userSchema, 'users', '/users'),
    addUser: (draft) => ask(userSchema, 'POST', '/users', draft),
    changeUser: (name, change) => ask(userSchema, 'PATCH', `/users/${part(name)}`, change),
    tokens: (user) =>
      list(personalTokenSchema, 'tokens', user === undefined ? '/tokens' : `/users/${part(user)}/tokens`),
    addToken: (user, draft) => ask(newTokenSchema, 'POST', `/users/${part(user)}/tokens`, draft),
    revokeToken: async (id) => void (await ask(z.object({ revoked: z.boolean() }), 'DELETE', `/tokens/${part(id)}`)),
    projects: () => list(ownedProjectSchema, 'projects', '/projects'),
    members: (project) => list(memberSchema, 'members', members(project)),
    setMember: (project, name, role) => ask(memberSchema, 'PUT', members(project, name), { role }),
    removeMember: async (project, name) =>
      void (await ask(z.object({ removed: z.boolean() }), 'DELETE', members(project, name))),
  };
}

const part = encodeURIComponent;

/** A redirect is refused: the token goes to no other origin. */
async function send(
  url: string,
  { method, token, body }: { method: string; token: string; body: object | undefined },
): Promise<string> {
  const response = await reached(url, () =>
    fetch(url, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
      headers: {
        Authorization: `Bearer ${token}`,
        [protocolHeader]: String(protocol),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }),
  );
  const text = await reached(url, () => response.text());
  if (!response.ok) throw refused(url, response.status, text);
  return text;
}

async function reached<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = reason(cause instanceof Error && cause.cause ? cause.cause : cause);
    throw new SpecstoryError('unavailable', `cannot reach ${new URL(url).origin}: ${why}`, { cause });
  }
}

const kinds: { readonly [status: number]: ErrorKind } = {
  400: 'usage',
  401: 'denied',
  403: 'denied',
  404: 'not-found',
  409: 'conflict',
  412: 'unsupported',
};

function refused(url: string, status: number, text: string): SpecstoryError {
  const problem = asObject(parseJson(text));
  const detail = asText(problem.detail) ?? `${new URL(url).origin} answers ${status}`;
  const hint = asText(problem.hint);
  return new SpecstoryError(kinds[status] ?? 'unavailable', detail, hint === undefined ? {} : { hint });
}
