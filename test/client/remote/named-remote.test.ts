import { describe, expect, it } from 'vitest';
import { consentedRemotes, namedRemotes } from '../../../src/client/remote/named-remote.ts';
import type { Config } from '../../../src/git/repository.ts';

type Scope = ReturnType<Config['all']>[number]['scope'];

function config(...lines: (readonly [name: string, value: string, scope?: Scope])[]): Config {
  const settings = lines.map(([name, value, scope = 'local']) => ({ name, value, scope }));
  const all = (name?: string) => settings.filter((one) => name === undefined || one.name === name);
  return { all, get: (name) => all(name).at(-1)?.value };
}

const url = 'specstory://h.example/p';
const given = [
  ['remote.s.url', url],
  ['remote.s.specstory', url],
] as const;

describe('consent', () => {
  it('holds while it is the address of the remote', () => {
    expect(consentedRemotes(config(...given))).toMatchObject([
      { name: 's', target: { kind: 'specstory' }, onPush: false },
    ]);
  });

  it.each([
    ['none was given', [['remote.s.url', url]]],
    [
      'the address changed',
      [
        ['remote.s.specstory', url],
        ['remote.s.url', 'specstory://other.example/p'],
      ],
    ],
    ['the address is gone', [['remote.s.specstory', url]]],
    ['there are two addresses', [...given, ['remote.s.url', 'specstory://other.example/p']]],
    ['it is pushed elsewhere', [...given, ['remote.s.pushurl', 'https://other.example/x']]],
    ['a rule rewrites it', [...given, ['url.https://other.example/.insteadof', 'specstory://h']]],
    ['a rule rewrites it for pushes', [...given, ['url.https://other.example/.pushinsteadof', 'specstory://h']]],
    ['another helper is named', [...given, ['remote.s.vcs', 'ext']]],
    ['a program is named', [...given, ['remote.s.receivepack', 'touch x']]],
    [
      'it is in the person\u2019s file for all repositories',
      [
        ['remote.s.url', url],
        ['remote.s.specstory', url, 'global'],
      ],
    ],
    [
      'it is no address for us',
      [
        ['remote.s.url', 'ext::sh'],
        ['remote.s.specstory', 'ext::sh'],
      ],
    ],
    [
      'the name is no part of a ref',
      [
        ['remote.../x.url', url],
        ['remote.../x.specstory', url],
      ],
    ],
  ] as const)('does not hold when %s', (_, lines) => {
    expect(consentedRemotes(config(...lines))).toEqual([]);
  });

  it('is for where a rule leads when it was given so', () => {
    const place = 'git@github.com:o/r.git';
    const lines = [
      ['remote.s.url', 'gh:o/r.git'],
      ['remote.s.specstory', place],
      ['url.git@github.com:.insteadof', 'gh:'],
    ] as const;
    expect(consentedRemotes(config(...lines))).toMatchObject([{ target: { kind: 'plain', url: place } }]);
  });

  it('is for both places when pushes go another way', () => {
    const [fetched, pushed] = ['https://github.com/o/r.git', 'git@github.com:o/r.git'];
    const rule = ['url.git@github.com:.pushinsteadof', 'https://github.com/'] as const;
    const both = config(
      ['remote.s.url', fetched],
      ['remote.s.specstory', pushed],
      ['remote.s.specstory', fetched],
      rule,
    );
    expect(consentedRemotes(both)).toMatchObject([{ target: { url: pushed, protocols: ['ssh', 'https'] } }]);
    expect(consentedRemotes(config(['remote.s.url', fetched], ['remote.s.specstory', fetched], rule))).toEqual([]);
  });

  it('is told with the reason when it does not hold', () => {
    const [remote] = namedRemotes(config(['remote.s.specstory', url], ['remote.s.url', 'specstory://other.example/p']));
    expect(remote?.problem).toContain('specstory://other.example/p');
  });
});
