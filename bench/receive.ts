import { gzipSync } from 'node:zlib';
import { sessionId } from '../src/core/ids.ts';
import { openStores } from '../src/server/store/open.ts';
import { bodyOf, project, uuid } from '../test/server/specstory/command-line.ts';
import type { Figure } from './figure.ts';
import { SyncWorld } from './sync-world.ts';

const [sessions, atOnce] = [1000, 10];
const words =
  'the test fails because a header is missing so I changed the client to send it and ran all of them again ';

/** What SpecStory's command line does with a machine's sessions: ten at a time, then the question what is there. */
export async function receiveOfSessions(): Promise<Figure[]> {
  const world = await SyncWorld.start('receive');
  try {
    const client = clientOf(world.url, world.token('capture:write', 'sessions:read'));
    const taken = await take(client);
    return [taken, await sizesOfMany(world.data, client)];
  } finally {
    world.remove();
  }
}

type Client = (method: string, path: string, body?: Buffer) => Promise<Response>;

function clientOf(url: string, token: string): Client {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const gzip = { ...headers, 'Content-Encoding': 'gzip' };
  return (method, path, body) =>
    fetch(
      `${url}/api/v1/projects/${project}/sessions/${path}`,
      body ? { method, headers: gzip, body: new Uint8Array(body) } : { method, headers },
    );
}

async function take(client: Client): Promise<Figure> {
  const texts = Array.from({ length: sessions }, (_, n) =>
    JSON.stringify(bodyOf(uuid(n), [`number ${n}`, words.repeat(40), words.repeat(60)])),
  );
  const bodies = texts.map((text) => gzipSync(text));
  const start = performance.now();
  let next = 0;
  const send = async (): Promise<void> => {
    for (let n = next++; n < sessions; n = next++) {
      const answer = await client('PUT', uuid(n), bodies[n]);
      if (answer.status !== 201) throw new Error(await answer.text());
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, send));
  const seconds = (performance.now() - start) / 1000;
  const kilobytes = ((texts[0]?.length ?? 0) / 1000).toFixed(0);
  return {
    what: 'take in sessions that SpecStory’s command line sends',
    value: sessions / seconds,
    unit: 'sessions/s',
    reach: 100,
    atLeast: true,
    note: `${sessions} sessions of ${kilobytes} kB, ${atOnce} at a time, in ${seconds.toFixed(1)} s`,
  };
}

/** The first question of every sync. */
async function sizesOfMany(data: string, client: Client): Promise<Figure> {
  await fill(data);
  const times: number[] = [];
  for (let n = 0; n < 9; n++) {
    const start = performance.now();
    const text = await (await client('GET', 'sizes')).text();
    times.push(performance.now() - start);
    if (text.split(':sessionData').length < 10_000) throw new Error('not all sizes');
  }
  return {
    what: 'say the sizes of 10,000 sessions',
    value: times.sort((a, b) => a - b)[4] ?? 0,
    unit: 'ms',
    reach: 50,
  };
}

/** Rows as 10,000 sessions leave them. */
async function fill(data: string): Promise<void> {
  const stores = await openStores({ data, url: undefined });
  try {
    const [key = ''] = await stores.repositories.keys();
    const [first] = await stores.received.received(key);
    const tip = await stores.received.cursor(key);
    if (!first || !tip) throw new Error('nothing was received');
    const put = Array.from({ length: 10_000 }, (_, n) => {
      const session = sessionId(first.session.replace(/.{6}$/, String(100_000 + n)));
      return { ...first, session, path: `raw/aa/${session}` };
    });
    await stores.received.apply({ project: key, from: tip, to: tip, put, gone: [] });
  } finally {
    await stores.close();
  }
}
