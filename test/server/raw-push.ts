import { execFileSync } from 'node:child_process';
import { flushPacket, PacketReader, packet } from '../../src/protocol/pkt-line.ts';
import type { Clone } from './clone.ts';

export const zero = '0'.repeat(40);

export interface RawAnswer {
  readonly status: number;
  /** Lines of the report-status. */
  readonly report: readonly string[];
  /** What came on side-band 2. */
  readonly said: string;
  readonly text: string;
}

/** The pack a client would send for these revisions. */
export function packOf(clone: Clone, tips: readonly string[], known: readonly string[] = []): Buffer {
  const input = [...tips, ...known.map((oid) => `^${oid}`)].map((line) => `${line}\n`).join('');
  const args = ['-C', clone.folder, 'pack-objects', '--revs', '--stdout', '--quiet', '--thin'];
  return execFileSync('git', args, { input, maxBuffer: 1 << 30 });
}

/** The body of a push: commands `old new ref`, then a pack. */
export function pushBody(
  commands: readonly string[],
  pack: Uint8Array,
  capabilities = 'report-status side-band-64k',
): Buffer {
  const packets = commands.map((line, at) => packet(at === 0 ? `${line}\0 ${capabilities}` : line));
  return Buffer.concat([...packets, Buffer.from(flushPacket), pack]);
}

/** Sends bytes as a push and takes the answer apart. */
export async function rawPush(
  url: string,
  token: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const response = await fetch(`${url}/git-receive-pack`, {
    method: 'POST',
    body: Buffer.from(body),
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/x-git-receive-pack-request',
      ...headers,
    },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) return { status: response.status, report: [], said: '', text: bytes.toString() };
  return { status: 200, ...takeApart(bytes), text: '' };
}

function takeApart(bytes: Buffer): { report: string[]; said: string } {
  const bands: Buffer[][] = [[], [], [], []];
  for (const found of new PacketReader().push(bytes)) {
    if (typeof found !== 'string') bands[found[0] ?? 0]?.push(Buffer.from(found.subarray(1)));
  }
  const report = [...new PacketReader().push(Buffer.concat(bands[1] ?? []))].flatMap((line) =>
    typeof line === 'string' ? [] : [Buffer.from(line).toString().trimEnd()],
  );
  return { report, said: Buffer.concat(bands[2] ?? []).toString() };
}
