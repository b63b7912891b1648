import { describe, expect, it } from 'vitest';
import { extraHeaders } from '../../src/remote/extra-headers.ts';
import { proxyFor } from '../../src/remote/proxy.ts';

const address = new URL('https://specs.example.org:8443/git/p');
const choose = (env: Record<string, string>, config: Record<string, string> = {}, url = address) =>
  proxyFor(url, { http: new Map(Object.entries(config)), remoteProxy: undefined }, env);

describe('the proxy for an address', () => {
  it('is chosen as git and curl choose it', () => {
    expect(choose({ https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:2' }).proxy).toMatchObject({
      host: 'a',
      port: 1,
    });
    expect(choose({ http_proxy: 'http://a:1' }).proxy).toBeUndefined();
    expect(choose({ HTTP_PROXY: 'http://a:1' }, {}, new URL('http://127.0.0.1/x')).proxy).toBeUndefined();
    expect(choose({ all_proxy: 'a' }).proxy).toMatchObject({ host: 'a', port: 1080 });
    expect(choose({ all_proxy: 'http://a:80/' }).proxy).toMatchObject({ port: 80 });
    expect(choose({ all_proxy: 'http://a:1' }, { proxy: '' })).toEqual({ proxy: undefined, foreign: false });
    expect(choose({ all_proxy: 'http://a:1' }, { proxy: 'b:2' }).proxy).toMatchObject({ host: 'b', port: 2 });
  });

  it.each(['socks5://a:1', 'https://a:1', 'http://me@a:1', 'http://'])('%s is left to git', (proxy) => {
    expect(choose({ all_proxy: proxy })).toEqual({ proxy: undefined, foreign: true });
  });

  it.each([
    ['specs.example.org', true],
    ['.example.org', true],
    ['EXAMPLE.org', true],
    ['other.org, example.org', true],
    ['*', true],
    ['ample.org', false],
    ['specs.example.org.evil', false],
    ['10.0.0.0/8', false],
    ['', false],
  ])('no_proxy=%s excepts the host: %s', (list, isExcepted) => {
    expect(choose({ all_proxy: 'a:1', no_proxy: list }).proxy === undefined).toBe(isExcepted);
  });

  it.each([
    ['http://10.1.2.3/', '10.0.0.0/8', true],
    ['http://10.1.2.3/', '10.1.2.3', true],
    ['http://10.1.2.3/', '3', false],
    ['http://10.1.2.3/', '11.0.0.0/8', false],
    ['http://10.1.2.3/', '10.0.0.0/99', false],
    ['http://[fd00::1]/', '[fd00::1]', true],
    ['http://[fd00::1]/', 'fd00::/8', true],
  ])('%s with no_proxy=%s: %s', (url, list, isExcepted) => {
    expect(choose({ all_proxy: 'a:1', no_proxy: list }, {}, new URL(url)).proxy === undefined).toBe(isExcepted);
  });
});

describe('extra headers', () => {
  const at = (...settings: [url: string | undefined, value: string][]) =>
    extraHeaders(
      address.href,
      settings.map(([url, value]) => ({ url, value })),
    );

  it('add up from the general to the close, and start anew with an empty one', () => {
    expect(at([undefined, 'A: 1'], ['https://specs.example.org:8443/', 'B:2'])).toEqual([
      ['A', '1'],
      ['B', '2'],
    ]);
    expect(at(['https://specs.example.org:8443/', 'B: 2'], [undefined, 'A: 1'])).toEqual([['B', '2']]);
    expect(at([undefined, 'A: 1'], ['https://specs.example.org:8443/git', ''])).toEqual([]);
  });

  it('of other addresses are not ours', () => {
    for (const url of [
      'https://specs.example.org/',
      'http://specs.example.org:8443/',
      'https://specs.example.org:8443/gi',
      'https://example.org:8443',
    ])
      expect(at([url, 'A: 1'])).toEqual([]);
  });

  it('with wildcards or users are left to git', () => {
    expect(at(['https://*.example.org:8443', 'A: 1'])).toBeUndefined();
    expect(at(['https://me@specs.example.org:8443', 'A: 1'])).toBeUndefined();
  });
});
