import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresIndexStore } from '../../../src/server/store/postgres/index-store.ts';
import { openShared } from '../../../src/server/store/postgres/open.ts';
import { checkRepository, git, temporaryFolder } from '../../git/repositories.ts';
import { Clone, writerB } from '../clone.ts';
import { type FullServer, fullServer } from '../full-server.ts';
import { packOf, pushBody, rawPush, zero } from '../raw-push.ts';
import { exchange, exchangeText, sessionFiles, sid } from '../sessions.ts';
import { connected, freshDatabase, postgres } from '../store/fresh-database.ts';

async function server(url: string): Promise<FullServer> {
  const data = temporaryFolder();
  const repositories = await openShared(url, data);
  onTestFinished(() => repositories.close());
  return fullServer({ data, repositories, store: await openPostgresIndexStore(connected(url)) });
}

/** A push of which the last byte is held back. */
function slowPush(at: FullServer, body: Buffer): { finish(): Promise<string> } {
  const headers = { Authorization: 'Bearer ann', 'Content-Type': 'application/x-git-receive-pack-request' };
  const sent = request(`${at.url}/git-receive-pack`, { method: 'POST', headers });
  const answer = new Promise<string>((resolve, reject) => {
    sent.once('error', reject).once('response', (response) => resolve(text(response)));
  });
  sent.write(body.subarray(0, -1));
  return {
    finish: () => {
      sent.end(body.subarray(-1));
      return answer;
    },
  };
}

/** Every object in the packs that the database has. */
async function objectsIn(url: string, key: string): Promise<Set<string>> {
  const data = temporaryFolder();
  const repositories = await openShared(url, data);
  try {
    await repositories.open(key);
    const copy = path.join(data, 'repositories', key.slice(0, 2), `${key}.git`);
    checkRepository(copy);
    return new Set(git(copy, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname)').split('\n'));
  } finally {
    await repositories.close();
  }
}

describe.runIf(postgres)('a purge on one of two servers of a database', () => {
  it.each([
    ['on top of what is purged', true],
    ['by another writer, who has what is purged as well and need not send it', false],
  ])('refuses what is being pushed to the other %s, and keeps no object of it', async (_, isOwn) => {
    const url = await freshDatabase();
    const [one, two] = [await server(url), await server(url)];
    const clone = new Clone();
    const doomed = exchange('doomed', 'something that must go');
    const first = clone.commit({ ...sessionFiles('doomed', [doomed]), ...sessionFiles('kept', [exchange('x')]) });
    const begun = await rawPush(one.url, 'ann', pushBody([`${zero} ${first} ${clone.ref()}`], packOf(clone, [first])));
    expect(begun.report.at(-1)).toBe(`ok ${clone.ref()}`);
    const late = isOwn ? clone : new Clone(writerB);
    if (!isOwn) late.git('fetch', '--quiet', clone.folder, `${first}:refs/heads/theirs`);
    const again = isOwn ? {} : sessionFiles('doomed', [doomed]);
    const second = late.commit({ ...again, ...sessionFiles('late', [exchange('late')]) }, isOwn ? first : undefined);
    const command = `${isOwn ? first : zero} ${second} ${late.ref()}`;
    const slow = slowPush(two, pushBody([command], packOf(late, [second], [first])));
    // What was there when it began is known by the time there is a quarantine.
    await expect.poll(() => readdirSync(path.join(two.data, 'quarantine')).length, { timeout: 10_000 }).toBe(1);
    const order = { sessions: [sid('doomed')], exchanges: [], name: 'ann', mayRewrite: () => true };
    expect(await one.history.purge(one.key, order)).toEqual({ purged: ['doomed'], unreachable: [] });
    const answer = await slow.finish();
    expect(answer).toContain(`ng ${late.ref()} a session was purged here meanwhile: fetch and push again`);
    const left = await objectsIn(url, one.key);
    const pushed = late.git('rev-list', '--objects', '--no-object-names', second, `^${first}`).split('\n');
    const gone = clone.git('rev-parse', first, `${first}:${Object.keys(sessionFiles('doomed', []))[0]}`).split('\n');
    const content = clone.blob(exchangeText(doomed));
    for (const oid of [...pushed, ...gone, content]) expect(left).not.toContain(oid);
    expect(left).toContain(clone.blob(exchangeText(exchange('x'))));
    for (const each of [one, two]) {
      expect((await each.store.sessions(each.key)).map(({ session }) => session)).toEqual(['kept']);
      expect(each.problems).toEqual([]);
      expect(readdirSync(path.join(each.data, 'quarantine'))).toEqual([]);
    }
  });
});
