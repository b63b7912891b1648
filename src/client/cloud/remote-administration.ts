import * as z from 'zod';
import { type ErrorKind, SpecstoryError } from '../../core/errors.ts';
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
import type { Http, HttpRequest, HttpResponse } from '../../remote/http.ts';

export type { Administration, ProjectName } from '../../protocol/administration.ts';

/** Administration of a server over its API, with a token of an administrator that has the scope `admin`. */
export function remoteAdministration(http: Http, server: string, token: string): Administration {
  const ask = async <T>(
    schema: z.ZodType<T>,
    method: HttpRequest['method'],
    path: string,
    body?: object,
  ): Promise<T> => {
    const answer = await (await askAdmin(http, { server, token, method, path, body })).text(largest);
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

/** Bytes of an answer: lists of everybody's tokens are long. */
const largest = 64 << 20;

/** A question to the API of administrators. */
interface AdminQuestion {
  readonly server: string;
  readonly token: string;
  readonly method: HttpRequest['method'];
  /** Below `/api/v2/admin`. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Milliseconds of silence. */
  readonly timeout?: number;
}

/** The answer of a server that did what it was asked for, by git's settings of proxies and certificates. Throws in the words of the server. */
export async function askAdmin(
  http: Http,
  { server, token, method, path, body, timeout = 30_000 }: AdminQuestion,
): Promise<HttpResponse> {
  const url = `${addressOf(server, 'any').server}/api/v2/admin${path}`;
  const headers = {
    authorization: `Bearer ${token}`,
    [protocolHeader]: String(protocol),
    ...(body ? { 'content-type': 'application/json' } : {}),
  };
  const response = await http.send({
    ...{ method, url, headers, timeout },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (response.status >= 200 && response.status < 300) return response;
  throw refused(`${new URL(url).origin} answers ${response.status}`, response.status, await response.text());
}

const kinds: { readonly [status: number]: ErrorKind } = {
  400: 'usage',
  401: 'denied',
  403: 'denied',
  404: 'not-found',
  409: 'conflict',
  412: 'unsupported',
};

function refused(words: string, status: number, text: string): SpecstoryError {
  return saidNo(asObject(parseJson(text)), status, words);
}

/** The error in a server's own words (RFC 9457). */
export function saidNo(
  problem: Readonly<Record<string, unknown>>,
  status: number,
  words = 'the server failed',
): SpecstoryError {
  const hint = asText(problem.hint);
  const detail = asText(problem.detail) ?? words;
  return new SpecstoryError(kinds[status] ?? 'unavailable', detail, hint === undefined ? {} : { hint });
}
