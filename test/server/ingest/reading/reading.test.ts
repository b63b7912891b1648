import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExchangeQuestion } from '../../../../src/server/ingest/reading/read.ts';
import { Reading } from '../../../../src/server/ingest/reading/reading.ts';
import { temporaryFolder } from '../../../git/repositories.ts';
import { Clone } from '../../clone.ts';
import { type FullServer, fullServer } from '../../full-server.ts';
import { exchange, exchangeText, plantPushed, sessionFiles, sid, xid } from '../../sessions.ts';

const line = 'the quick brown fox jumps over the lazy dog and says nothing of it\n';
const asked = (content: Buffer): ExchangeQuestion => ({
  content,
  what: 'x',
  ordinal: 1,
  about: { session: sid('one'), agent: 'claude', name: 'one', count: 1 },
});
const long = (bytes: number) => exchange('long', 'Do it', line.repeat(Math.floor(bytes / line.length)));

/** Says when it begins to read a large exchange. */
class Watched extends Reading {
  begun = 0;

  override exchange(question: ExchangeQuestion) {
    this.begun++;
    return super.exchange(question);
  }
}

/** Takes a history in; gives the requests that were answered after the reading had begun and before it was over. */
async function answeredMeanwhile(server: FullServer, reading: Watched, files: Record<string, string>): Promise<number> {
  let isOver = false;
  const work = plantPushed(server, server.key, { writer: 'a'.repeat(16), files }).finally(() => {
    isOver = true;
  });
  let answered = 0;
  while (!isOver) {
    const isDuring = reading.begun > 0;
    const { status } = await fetch(`${server.url}/info/refs?service=git-upload-pack`);
    expect(status).toBe(401);
    if (isDuring && !isOver) answered++;
  }
  await work;
  return answered;
}

describe('an exchange of 39 MB', () => {
  it('is taken in while others are served', async () => {
    const reading = new Watched();
    const server = await fullServer({ reading });
    const answered = await answeredMeanwhile(server, reading, sessionFiles('one', [long(39 << 20)]));
    expect(answered).toBeGreaterThan(10);
    expect(await server.store.exchanges(server.key, sid('one'))).toMatchObject([{ exchange: xid('long') }]);
    expect(await server.store.rejections(server.key)).toEqual([]);
  });
});

describe('a file that cannot be read to the end', () => {
  const thread = (text: string): string => {
    const program = path.join(temporaryFolder(), 'thread.cjs');
    writeFileSync(program, text);
    return program;
  };

  it('is rejected at the deadline, others are served meanwhile, and the next one is read', async () => {
    const endless = `require('node:worker_threads').parentPort.on('message', () => { for (;;); });`;
    const reading = new Watched({ program: thread(endless), deadline: 1000 });
    const server = await fullServer({ reading });
    const files = { ...sessionFiles('bad', [long(1 << 20)]), ...sessionFiles('good', [exchange('x')]) };
    expect(await answeredMeanwhile(server, reading, files)).toBeGreaterThan(10);
    expect(await server.store.rejections(server.key)).toMatchObject([
      { session: 'bad', code: 'item_too_large', reason: expect.stringContaining('takes more than 1 s') },
    ]);
    expect((await server.store.sessions(server.key)).map(({ session }) => session)).toEqual(['good']);
  });

  it('is rejected when the thread runs out of memory, which the server survives', async () => {
    const greedy = `require('node:worker_threads').parentPort.on('message', () => { const all = []; for (;;) all.push(new Array(1e6).fill(0)); });`;
    const reading = new Reading({ program: thread(greedy), memory: 64 });
    await expect(reading.exchange(asked(Buffer.from(exchangeText(long(1 << 20)))))).rejects.toMatchObject({
      code: 'item_too_large',
      message: expect.stringContaining('memory'),
    });
  });

  it('says the same of what is wrong with it as a small one', async () => {
    const reading = new Reading();
    const secret = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;
    for (const bytes of [1 << 10, 1 << 20]) {
      const bad = exchangeText(exchange('x', `use ${secret} please`, line.repeat(bytes / line.length)));
      await expect(reading.exchange(asked(Buffer.from(bad)))).rejects.toMatchObject({ code: 'secret_found' });
      await expect(reading.exchange(asked(Buffer.alloc(bytes, 'x')))).rejects.toMatchObject({ kind: 'unsupported' });
      const good = exchangeText(exchange('x', 'Do it', line.repeat(bytes / line.length)));
      expect(await reading.exchange(asked(Buffer.from(good)))).toMatchObject({ id: xid('x') });
      expect(await reading.growth(Buffer.from(good), Buffer.from(good))).toBe('earlier');
    }
  });
});

describe('a push of a large exchange', () => {
  it('is told as stored, by the built thread', async () => {
    const server = await fullServer();
    const clone = new Clone();
    const tip = clone.commit(sessionFiles('one', [long(2 << 20)]));
    const { out, code } = await clone.push(server.url, 'ann', [`${tip}:${clone.ref()}`]);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('1 session stored') });
  });
});
