import { BlockList, isIP } from 'node:net';
import { SpecstoryError } from '../../core/errors.ts';

/** Whether an address is one of the proxies that are trusted to say where a request comes from. */
export type Trusted = (address: string) => boolean;

/** Reads addresses and networks (`10.0.0.0/8`). Throws `config` for what is neither. */
export function trustedProxies(list: readonly string[]): Trusted {
  const block = new BlockList();
  for (const entry of list) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    const bits = prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix);
    if (!isIP(address) || !Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv4' ? 32 : 128))
      throw new SpecstoryError('config', `trusted_proxies: ${entry} is no address and no network`);
    block.addSubnet(address, bits, family);
  }
  return (address) => isIP(address) !== 0 && block.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Where a request comes from: the peer, or, when that is a trusted proxy, the last address in `X-Forwarded-For` that is none. What stands
 * further left was said by the client and counts for nothing.
 */
export function clientAddress(peer: string | undefined, forwarded: string | undefined, trusted: Trusted): string {
  let address = plain(peer ?? '');
  const hops = (forwarded ?? '').split(',').map((hop) => plain(hop.trim()));
  while (trusted(address)) {
    const next = hops.pop();
    if (next === undefined || isIP(next) === 0) break;
    address = next;
  }
  return address;
}

/** What limits count by: an IPv4 address, or the network of 64 bits that one person has in IPv6. */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const gap = address.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0;
  const groups = [...left, ...Array.from({ length: gap }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** IPv4 that came in over IPv6 is IPv4. */
function plain(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
