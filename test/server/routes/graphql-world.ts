import { type Scope, scopes } from '../../../src/server/access.ts';
import { projectFor, setMember } from '../../../src/server/accounts/projects.ts';
import type { Account } from '../../../src/server/store/account-store.ts';
import { type ServerWorld, startServer, type TestServer } from '../../hosts/server.ts';
import { exchange, plantPushed, sessionFiles, sid } from '../sessions.ts';

export interface GraphqlWorld {
  readonly server: TestServer;
  /** ann owns `shared`, which ben reads; the stranger has one of the same name. */
  readonly people: Record<'ann' | 'ben' | 'stranger', Account>;
}

/** A server with sessions of two accounts; who starts it stops it. */
export async function graphqlWorld(stores?: ServerWorld['stores']): Promise<GraphqlWorld> {
  const server = await startServer({ stores });
  const account = (name: string) => server.account(name);
  const people = { ann: await account('ann'), ben: await account('ben'), stranger: await account('stranger') };
  const shared = await projectOf(server, people.ann, 'shared');
  await setMember(server.registry, shared, { name: 'ben', role: 'reader', by: 'administrator' });
  const files = Object.assign(
    {},
    ...[1, 2, 3, 4, 5].map((n) =>
      sessionFiles(`s${n}`, [exchange(`x${n}`, `Canary ${n}`)], {
        branch: n % 2 ? 'main' : 'topic',
        createdAt: `2026-01-0${n}T00:00:00.000Z`,
        updatedAt: `2026-01-0${n}T01:00:00.000Z`,
      }),
    ),
  );
  await plantPushed(server.side, shared.key, { writer: 'a'.repeat(16), files });
  const own = await projectOf(server, people.stranger, 'shared');
  await plantPushed(server.side, own.key, {
    writer: 'b'.repeat(16),
    files: sessionFiles('secret', [exchange('y', 'Strange')]),
  });
  const say = server.services.history?.say;
  await say?.(shared.key, { session: sid('s1') }, { kind: 'tag', tag: 'login', value: true }, 'ann');
  await say?.(shared.key, { session: sid('s2') }, { kind: 'title', value: 'Second' }, 'ann');
  await say?.(shared.key, { session: sid('s5') }, { kind: 'hidden', value: true }, 'ann');
  return { server, people };
}

export async function projectOf(server: TestServer, owner: Account, id: string) {
  const found = await projectFor(server.registry, { account: owner.id }, id, { create: true });
  if (!found) throw new Error('no project');
  return found;
}

/** Asks a query with a token of an account. */
export async function askOn(
  on: TestServer,
  who: Account,
  query: string,
  variables?: object,
  given: readonly Scope[] = scopes,
) {
  const token = await on.token(who, ...given);
  return on.send('POST', '/api/v1/graphql', { token, body: { query, variables } });
}
