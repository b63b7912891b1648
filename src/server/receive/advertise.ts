import type { WriterTip } from '../../git/writer-ref.ts';
import { protocol } from '../../protocol/address.ts';
import { flushPacket, packet } from '../../protocol/pkt-line.ts';

const capabilities = [
  ...['report-status', 'report-status-v2', 'side-band-64k', 'quiet', 'atomic', 'ofs-delta', 'push-options'],
  ...['object-format=sha1', `agent=specstory/${protocol}`],
].join(' ');

/** The first answer to a push (gitprotocol-http): where the refs are, and what we can. No deletes, so that git need not ask. */
export function advertiseReceive(tips: readonly WriterTip[]): Uint8Array {
  const lines = tips.length > 0 ? tips.map(({ oid, ref }) => `${oid} ${ref}`) : [`${'0'.repeat(40)} capabilities^{}`];
  const packets = lines.map((line, at) => packet(at === 0 ? `${line}\0${capabilities}\n` : `${line}\n`));
  const flush = Buffer.from(flushPacket);
  return Buffer.concat([packet('# service=git-receive-pack\n'), flush, ...packets, flush]);
}
