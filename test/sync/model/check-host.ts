import { expect } from 'vitest';
import { claude } from '../../../src/adapters/claude/index.ts';
import { exchangeId, type WriterId } from '../../../src/core/ids.ts';
import { parseExchangeFile } from '../../../src/core/layout.ts';
import { git } from '../../git/repositories.ts';
import { writerOf } from './clone.ts';
import type { Host } from './host.ts';
import { deletions, isSaid, latest, type Model, seen } from './model.ts';
import { uuidOf } from './transcript.ts';

type Logs = ReturnType<Model['hosted']>;

/** Fails unless a host has what it should by what writers have sent. */
export async function checkHost(host: Host, logs: Logs): Promise<void> {
  checkTrees(host, logs);
  await checkIndex(host, logs);
}

/** Every exchange is in its writer's tree exactly once, and nothing was written that its writer knew to be deleted. */
function checkTrees(host: Host, logs: Logs): void {
  const { gone, goneSessions } = deletions(logs.flat().filter(isSaid));
  for (const [index, log] of logs.entries()) {
    const found = filesOf(host.folder, writerOf(index)).map(({ session, exchange }) => `${session} ${exchange}`);
    expect(new Set(found).size).toBe(found.length);
    const sessions = [...new Set(log.flatMap((entry) => (isSaid(entry) ? [] : entry.session)))];
    const saved = sessions.flatMap((session) => [...latest(log, session).keys()].map((name) => ({ session, name })));
    const standing = saved.filter(({ session, name }) => !gone.has(name) && !goneSessions.has(session));
    const names = (list: typeof saved): string[] => list.map(({ session, name }) => `${session} ${idOf(name)}`);
    expect(found).toEqual(expect.arrayContaining(names(standing)));
    expect(names(saved)).toEqual(expect.arrayContaining(found));
  }
}

/** The rows of an index are what is not deleted, each with the bytes that its writer sent last. */
async function checkIndex(host: Host, logs: Logs): Promise<void> {
  const sessions = [...new Set(logs.flat().map(({ session }) => session))].sort();
  const index = await host.index(sessions);
  if (!index) return;
  const { gone, goneSessions } = deletions(logs.flat().filter(isSaid));
  const standing = sessions.filter((session) => !goneSessions.has(session));
  const expected = standing.flatMap((session) =>
    logs.flatMap((log, of) => {
      const names = [...latest(log, session).keys()].filter((name) => !gone.has(name));
      const files = filesOf(host.folder, writerOf(of)).filter((file) => file.session === session);
      return names.map((name) => {
        const oid = files.find(({ exchange }) => exchange === idOf(name))?.oid;
        return { writer: writerOf(of), session, exchange: idOf(name), oid };
      });
    }),
  );
  expect(index.exchanges).toEqual(expected);
  expect([...new Set(index.listed)]).toEqual(seen(logs).map(({ session }) => session));
}

function filesOf(folder: string, writer: WriterId): { session: string; exchange: string; oid: string }[] {
  const ref = `refs/specstory/writers/${writer}/history`;
  if (git(folder, 'for-each-ref', ref) === '') return [];
  return git(folder, 'ls-tree', '-r', ref)
    .split('\n')
    .flatMap((line) => {
      const [about = '', file = ''] = line.split('\t');
      const [, , session = '', , name = ''] = file.split('/');
      const parsed = parseExchangeFile(name);
      return parsed ? [{ session, exchange: parsed.id, oid: about.split(' ')[2] ?? '' }] : [];
    });
}

/** The id of the exchange that a prompt opens. */
function idOf(name: string): string {
  return exchangeId(claude.id, { message: uuidOf(name) });
}
