import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/client/remote/target.ts';

const parse = (text: string, more: { isProjectNamed?: boolean } = {}) =>
  parseTarget(text, { project: 'p1', cwd: '/work', ...more });

describe('addresses', () => {
  it.each([
    ['https://h.example', 'specstory://h.example/p1'],
    ['https://h.example:8443/', 'specstory://h.example:8443/p1'],
    ['http://127.0.0.1:7000', 'specstory://127.0.0.1:7000/p1'],
    ['specstory://h.example/own', 'specstory://h.example/own'],
    ['specstory://h.example', 'specstory://h.example/p1'],
    ['specstory::https://h.example/base/git/own', 'specstory://h.example/base/own'],
  ])('%s is a server of ours', (text, url) => {
    expect(parse(text)).toMatchObject({ kind: 'specstory', url });
  });

  it('takes an address with a path for a server only when the project is named', () => {
    expect(parse('https://h.example/base')).toMatchObject({ kind: 'plain' });
    expect(parse('https://h.example/base', { isProjectNamed: true })).toMatchObject({
      url: 'specstory://h.example/base/p1',
    });
  });

  it.each([
    ['git@github.com:team/app.git', ['ssh'], undefined],
    ['github.com:team/app.git', ['ssh'], undefined],
    ['ssh://git@host.example:22/app.git', ['ssh'], undefined],
    ['https://github.com/team/app.git', ['https'], undefined],
    ['http://localhost:3000/app.git', ['http'], undefined],
    ['/srv/app.git', ['file'], undefined],
    ['../app.git', ['file'], '/app.git'],
  ])('%s is a plain host', (text, protocols, url = text) => {
    expect(parse(text)).toEqual({ kind: 'plain', url, protocols });
  });

  it.each([
    'ext::sh -c touch% /tmp/x',
    'ext::sh',
    'fd::7',
    'fd::7,8/x',
    'file:///srv/app.git',
    '--upload-pack=touch x',
    '-oProxyCommand=touch x',
    '--',
    '',
    'ssh://-oProxyCommand=x/y',
    'ssh://git@-oProxyCommand=x/y',
    'ssh://host/-x',
    '-oProxyCommand=x:y',
    'git@-oProxyCommand=x:y',
    'host:-x',
    'git@host:--upload-pack=x',
    'https://h.example\n/x',
    'https://h.example/\u2028x',
    'git@host:a\nb',
    'git@host:a b',
    '/srv/a\0b',
    'git://host/app.git',
    'ftp://host/x',
    'helper::https://host/x',
    'http://h.example',
    'http://h.example/app.git',
    'https://user:secret@h.example/app.git',
    'https://user:secret@h.example',
    'specstory://h.example/..',
    'specstory://user:secret@h.example/p',
    'specstory::ext::sh -c x',
    'app.git',
  ])('%j is refused (B51)', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
    try {
      parse(text);
    } catch (thrown) {
      expect(String(thrown)).not.toContain('secret');
    }
  });

  it('gives git nothing but known transports and no option, whatever is typed (B51)', () => {
    const piece = fc.constantFrom(
      'https://',
      'http://',
      'ssh://',
      'ext::',
      'specstory::',
      'specstory://',
      '-',
      '--',
      'host',
      '@',
      ':',
      '/',
      '..',
      '.git',
      ' ',
      '\n',
      'x',
      '%',
      '=',
      'git/',
    );
    const word = fc.oneof(fc.string({ maxLength: 8 }), piece);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.boolean(), (words, isProjectNamed) => {
        let target: ReturnType<typeof parse>;
        try {
          target = parse(words.join(''), { isProjectNamed });
        } catch {
          return;
        }
        expect(target.url).not.toMatch(/^-|[\0-\x20]|^(?!specstory)[a-z]+::|^[a-z]+:\/\/(?:[^/]*@)?-|^[^/]*@-/);
        expect(['file', 'ssh', 'https', 'http', 'specstory']).toEqual(expect.arrayContaining([...target.protocols]));
      }),
    );
  });
});
