import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { highWaters } from '../../hosts/high-waters.ts';
import { type RealServer, realServer } from '../../hosts/real-server.ts';
import { Clone } from '../clone.ts';
import { deltaBomb } from '../pack-bytes.ts';
import { packOf, pushBody, rawPush, zero } from '../raw-push.ts';

const MiB = 1 << 20;
/** What the server is told to take in one push. */
const pushBytes = 32 * MiB;

/** Bytes of all files below a folder, whose contents come and go meanwhile. */
function size(folder: string): number {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const sizes = entries.map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? size(path) : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    });
    return sizes.reduce((sum, one) => sum + one, 0);
  } catch {
    return 0;
  }
}

interface Peaks {
  /** Bytes on the disk. */
  disk: number;
  /** MiB of the server, and of the largest git. */
  own: number;
  children: number;
}

/** The most that was used while work goes on. */
async function peaksOf(server: RealServer, work: () => Promise<void>): Promise<Peaks> {
  const peaks = { disk: 0, own: 0, children: 0 };
  const look = (): void => {
    const { own, children } = highWaters(server.now().process.pid);
    peaks.disk = Math.max(peaks.disk, size(server.data));
    peaks.own = Math.max(peaks.own, own);
    peaks.children = Math.max(peaks.children, children);
  };
  const timer = setInterval(look, 25);
  try {
    await work();
  } finally {
    clearInterval(timer);
    look();
  }
  return peaks;
}

const session = 'sessions/aa/s/exchanges/000001-000000000000.md';

/** Bodies of pushes that are meant to do harm, and what is said of them: an HTTP status or the report on the ref. */
function* hostile(
  clone: Clone,
): Generator<[what: string, body: Buffer, answer: RegExp, headers?: Record<string, string>]> {
  const tip = clone.commit({ [session]: 'x' });
  const command = `${zero} ${tip} ${clone.ref()}`;
  const pack = packOf(clone, [tip]);
  yield [
    'more bytes than it takes',
    pushBody([command], Buffer.concat([pack, randomBytes(3 * pushBytes)])),
    /413|larger/,
  ];
  const many = Buffer.from(pack);
  many.writeUInt32BE(0xffff_ffff, 8);
  yield ['billions of objects', pushBody([command], many), /a pack of 4294967295 objects/];
  yield [
    'deltas that make 4 GiB of little',
    pushBody([command], deltaBomb(4096 * MiB)),
    /more memory than this server gives/,
  ];
  const huge = clone.commit({ [session]: '\n'.repeat(65 * MiB) });
  yield [
    'a file that is huge when unpacked',
    pushBody([`${zero} ${huge} ${clone.ref()}`], packOf(clone, [huge])),
    /item_too_large/,
  ];
  const zip = { 'Content-Encoding': 'gzip' };
  yield [
    'gzip that makes 512 MiB of little',
    gzipSync(pushBody([command], Buffer.alloc(512 * MiB))),
    /413|not a pack/,
    zip,
  ];
  const refs = Array.from({ length: 20_000 }, (_, at) => `${zero} ${tip} refs/heads/branch-${at}`);
  yield ['20,000 refs', pushBody(refs, pack), /413/];
  const noise = Buffer.concat([pack.subarray(0, 12), randomBytes(8 * MiB)]);
  const sum = createHash('sha1').update(noise).digest();
  yield ['noise with a good checksum', pushBody([command], Buffer.concat([noise, sum])), /damaged|ng /];
  yield ['a line without an end', Buffer.concat([Buffer.from('ffff'), Buffer.alloc(2 * MiB, 97)]), /4\d\d/];
  let folder = clone.rawTree(['100644', 'a', clone.blob('x')]);
  for (let level = 0; level < 3; level++)
    folder = clone.rawTree(
      ...Array.from({ length: 1000 }, (_, at) => ['40000', `f${String(at).padStart(4, '0')}`, folder] as const),
    );
  const root = clone.rawTree(['40000', 'reviews', folder], ['100644', 'specstory.json', clone.blob(clone.marker)]);
  const bomb = clone.commitTree(root);
  yield [
    'a tree of billions',
    pushBody([`${zero} ${bomb} ${clone.ref()}`], packOf(clone, [bomb])),
    /more than 5000000 changed files/,
  ];
}

it('B44, B46, B55: hostile pushes are refused with a reason, in bounded memory and disk', {
  timeout: 180_000,
}, async () => {
  const server = await realServer({ SPECSTORY_PUSH_BYTES: String(pushBytes) });
  const token = server.token('ada', 'capture:write');
  const clone = new Clone();
  const url = `${server.now().url}/git/app`;
  for (const [what, body, answer, headers] of [...hostile(clone)]) {
    const { disk, own, children } = await peaksOf(server, async () => {
      const { status, report, text } = await rawPush(url, token, body, headers);
      expect([what, `${status} ${report.at(-1) ?? ''} ${text}`]).toEqual([what, expect.stringMatching(answer)]);
    });
    expect(own, `${what}: MiB of the server`).toBeLessThan(300);
    expect(children, `${what}: MiB of a git`).toBeLessThan(1024);
    expect(disk, `${what}: bytes on the disk`).toBeLessThan(pushBytes + 16 * MiB);
    expect(readdirSync(join(server.data, 'quarantine')), what).toEqual([]);
  }
  // It is as well as before.
  const tip = clone.commit({ [session]: 'y' });
  expect(await clone.push(url, token, [`${tip}:${clone.ref()}`])).toMatchObject({ code: 0 });
});
