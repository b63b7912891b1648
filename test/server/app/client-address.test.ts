import { describe, expect, it } from 'vitest';
import { addressKey, clientAddress, trustedProxies } from '../../../src/server/middleware/client-address.ts';

describe('clientAddress', () => {
  const trusted = trustedProxies(['10.0.0.0/8', '127.0.0.1', 'fd00::/8']);
  it.each([
    ['198.51.100.7', '203.0.113.1', '198.51.100.7', 'a peer that is not trusted says nothing'],
    ['127.0.0.1', undefined, '127.0.0.1', 'a proxy that says nothing'],
    ['127.0.0.1', '203.0.113.1', '203.0.113.1', 'a trusted proxy'],
    ['127.0.0.1', '6.6.6.6, 203.0.113.1', '203.0.113.1', 'what the client made up stands further left'],
    ['127.0.0.1', '6.6.6.6, 203.0.113.1, 10.1.2.3', '203.0.113.1', 'two proxies'],
    ['127.0.0.1', '10.0.0.1, 10.0.0.2', '10.0.0.1', 'only proxies'],
    ['127.0.0.1', '203.0.113.1, nonsense', '127.0.0.1', 'no address'],
    ['127.0.0.1', '127.0.0.1; DROP TABLE', '127.0.0.1', 'no address'],
    ['::ffff:127.0.0.1', '203.0.113.1', '203.0.113.1', 'IPv4 over IPv6'],
    ['fd00::1', '2001:db8::1', '2001:db8::1', 'IPv6'],
    [undefined, '203.0.113.1', '', 'no peer'],
  ])('%s, %s → %s (B75: %s)', (peer, forwarded, expected, _why) => {
    expect(clientAddress(peer, forwarded, trusted)).toBe(expected);
  });

  it.each(['nonsense', '10.0.0.0/33', '10.0.0.0/x', '', '::1/129', '10.0.0.0/-1'])('refuses %j as a proxy', (entry) => {
    expect(() => trustedProxies([entry])).toThrow(expect.objectContaining({ kind: 'config' }));
  });
});

describe('addressKey', () => {
  it.each([
    ['203.0.113.1', '203.0.113.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('%s → %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
