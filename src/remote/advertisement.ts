import { SpecstoryError } from '../core/errors.ts';
import { PacketReader } from '../protocol/pkt-line.ts';

/** What a server says before a push: its refs and what it can do (gitprotocol-pack(5), reference discovery). */
export interface Advertisement {
  readonly refs: readonly { readonly id: string; readonly ref: string }[];
  readonly capabilities: ReadonlySet<string>;
  readonly objectFormat: string;
  /** The packets as they came, behind the line that names the service. */
  readonly bytes: Uint8Array;
}

/** Reads an advertisement. Throws `unavailable` when it is something else, or cut off. */
export function parseAdvertisement(bytes: Uint8Array): Advertisement {
  const reader = new PacketReader();
  const packets = [...reader.push(bytes)];
  const text = packets.map((packet) => (typeof packet === 'string' ? packet : Buffer.from(packet).toString('utf8')));
  const [service, separator, ...lines] = text;
  if (service?.trimEnd() !== '# service=git-receive-pack' || separator !== 'flush')
    throw new SpecstoryError('unavailable', 'what came is no list of refs');
  if (lines.at(-1) !== 'flush' || lines.indexOf('flush') !== lines.length - 1 || reader.pending.length > 0)
    throw new SpecstoryError('unavailable', 'the list of refs is cut off');
  const [first = ''] = lines;
  const capabilities = new Set((first.split('\0')[1] ?? '').trim().split(' '));
  const start = 4 + Buffer.byteLength(service ?? '') + 4;
  return {
    refs: lines.flatMap(parseRef),
    capabilities,
    objectFormat: [...capabilities].find((name) => name.startsWith('object-format='))?.slice(14) ?? 'sha1',
    bytes: bytes.subarray(start),
  };
}

function parseRef(line: string): { id: string; ref: string }[] {
  const match = /^([0-9a-f]{40}|[0-9a-f]{64}) (refs\/[^\s\0]+|HEAD)(?:\0.*)?\n?$/s.exec(line);
  return match?.[1] && match[2] ? [{ id: match[1], ref: match[2] }] : [];
}
