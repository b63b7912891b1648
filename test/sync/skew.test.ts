import { expect, it } from 'vitest';
import type { Piece } from '../hosts/fault-proxy.ts';
import { expectOneCopy, expectTruth, realWorld } from './real-world.ts';

/** Lets one side say another version than it speaks. */
function saying(version: number, direction: Piece['direction']) {
  return (piece: Piece) => {
    if (piece.direction !== direction) return undefined;
    const text = piece.bytes.toString('latin1').replace(/(specstory-protocol: )1/gi, `$1${version}`);
    return { bytes: Buffer.from(text, 'latin1') };
  };
}

it('R20, B09: versions that differ, whoever is the older one: nothing is sent, everything is kept, both are named', async () => {
  const world = await realWorld();
  const pairs: [client: number, server: number, says: RegExp][] = [
    [2, 1, /this server speaks version 1, the client version 2/],
    [0, 1, /this server speaks version 1, the client version 0/],
    [1, 2, /speaks version "2", we speak 1/],
    [1, 0, /speaks version "0", we speak 1/],
  ];
  for (const [client, server, says] of pairs) {
    world.plantSessions();
    const [version, direction] = client === 1 ? ([server, 'toClient'] as const) : ([client, 'toServer'] as const);
    world.server.proxy.faults.before = saying(version, direction);
    const report = await world.json('sync');
    expect(report.exit_code, JSON.stringify(report)).toBe(2);
    expect(await expectTruth(world, report)).toBe('protocol');
    expect(report.remotes[0].push.reason).toMatch(says);
    delete world.server.proxy.faults.before;
    await expectOneCopy(world);
  }
});
