import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { flushPacket, packet } from '../../src/protocol/pkt-line.ts';
import { recordingProxy } from '../hosts/recording-proxy.ts';
import { patience } from '../hosts/soak.ts';
import { expectOneCopy, expectTruth, type RealWorld, realWorld } from './real-world.ts';

type Garbage = readonly [what: string, answer: Buffer];

function http(status: string, headers: readonly string[], body: string | Uint8Array): Buffer {
  const content = Buffer.from(body);
  const lines = [`HTTP/1.1 ${status}`, ...headers, 'Specstory-Protocol: 1', 'Connection: close'];
  const length = headers.some((line) => /^(?:transfer-encoding|content-length)/i.test(line))
    ? []
    : [`Content-Length: ${content.length}`];
  return Buffer.concat([Buffer.from(`${[...lines, ...length].join('\r\n')}\r\n\r\n`), content]);
}

const result = 'Content-Type: application/x-git-receive-pack-result';
const json = 'Content-Type: application/json';

/** An answer to a push: a report in band 1, and lines in band 2. */
function report(lines: readonly string[], said: readonly string[] = []): Buffer {
  const inner = Buffer.concat([...lines.map((line) => Buffer.from(packet(`${line}\n`))), Buffer.from(flushPacket)]);
  const bands = [[1, inner] as const, ...said.map((line) => [2, Buffer.from(line)] as const)];
  const packets = bands.map(([band, bytes]) => Buffer.from(packet(Buffer.concat([Buffer.of(band), bytes]))));
  return http('200 OK', [result], Buffer.concat([...packets, Buffer.from(flushPacket)]));
}

const torn = gzipSync('0000');
torn.writeUInt32LE(1, torn.length - 8);

const verdict = (text: string): string => `specstory-verdict: ${text}\n`;

/** Answers to a push that was never sent on. */
const toPush = (elsewhere: string): Garbage[] => [
  ['a page', http('200 OK', ['Content-Type: text/html'], '<html>Sign in to the network</html>')],
  ['nothing', http('200 OK', [result], '')],
  ['a report without refs', report(['unpack ok'])],
  ['a report on a ref of somebody else', report(['unpack ok', `ok refs/specstory/writers/${'f'.repeat(16)}/history`])],
  ['verdicts without a report', http('200 OK', [result], packet(`\u0002${verdict('{"session":"x"}')}`))],
  ['not modified', http('304 Not Modified', [], '')],
  ['another place', http('307 Temporary Redirect', [`Location: ${elsewhere}/git/app/git-receive-pack`], '')],
  ['a chunk cut short', http('200 OK', [result, 'Transfer-Encoding: chunked'], 'ff\r\n0000')],
  ['less than it says', http('200 OK', [result, 'Content-Length: 4000'], '0038\u0001000eunpack ok\n')],
  ['gzip that is damaged', http('200 OK', [result, 'Content-Encoding: gzip'], torn)],
  ['no HTTP', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
];

/** Answers to a question of the API. */
const toQuestion: Garbage[] = [
  ['deep JSON', http('200 OK', [json], `${'['.repeat(200_000)}${']'.repeat(200_000)}`)],
  ['huge numbers', http('200 OK', [json], '{"writers":1e400,"rejected":9007199254740993}')],
  ['no JSON', http('200 OK', [json], '{"writers":[NaN],"rejected":[]}')],
  ['a page', http('200 OK', ['Content-Type: text/html'], '<html>')],
  ['sessions of another', http('200 OK', [json], '{"writers":[{"writer":"ffffffffffffffff"}],"rejected":[]}')],
];

async function answered(world: RealWorld, request: string, answer: Buffer, work: () => Promise<void>): Promise<void> {
  world.server.proxy.faults.before = (piece) =>
    piece.direction === 'toServer' && piece.request.startsWith(request) ? { answer } : undefined;
  await work();
  delete world.server.proxy.faults.before;
}

it('R19, B02, B03, B12: garbage for an answer is no success, and is said in words', { timeout: patience }, async () => {
  const world = await realWorld();
  world.plantSessions();
  await expectOneCopy(world);
  const elsewhere = await recordingProxy();
  onTestFinished(() => elsewhere.close());
  for (const [what, answer] of toPush(elsewhere.origin)) {
    world.plantSessions();
    await answered(world, 'POST /git/app/git-receive-pack', answer, async () => {
      const said = await world.json('sync');
      expect(said.exit_code, `${what}: ${JSON.stringify(said)}`).toBeGreaterThan(0);
      await expectTruth(world, said);
    });
  }
  expect(elsewhere.requests).toEqual([]);
  await expectOneCopy(world);
  for (const [what, answer] of toQuestion) {
    await answered(world, 'GET /api/v2/', answer, async () => {
      const ran = await world.run('sync', 'status', '--check', '--json');
      expect(ran.err, what).not.toMatch(/at .*:\d+:\d+|Maximum call stack/);
      expect(JSON.parse(ran.out), what).toMatchObject({ healthy: false });
    });
  }
  expect(await world.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
});
