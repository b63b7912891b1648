import { describe, expect, it } from 'vitest';
import { hostedRepository } from '../../src/git/hosted.ts';
import { since } from '../../src/git/since.ts';
import { Clone } from '../server/clone.ts';

describe('since', () => {
  it('gives the time of the first commit that had an entry as it is, whatever came between and after', async () => {
    const clone = new Clone();
    const tips: string[] = [];
    for (const text of ['a', 'b', 'a', 'c'])
      tips.push(clone.commit({ 'sessions/aa/x/session.md': text, other: `${tips.length}` }, tips.at(-1)));
    const [first = '', second = '', third = '', last = ''] = tips;
    const repository = hostedRepository(clone.folder);
    const oid = (commit: string, path: string) => clone.git('rev-parse', `${commit}:${path}`);
    const folder = 'sessions/aa/x';
    const file = `${folder}/session.md`;
    const at = (commit: string) =>
      new Date(Number(clone.git('show', '-s', '--format=%ct', commit)) * 1000).toISOString();
    for (const tip of [third, last]) {
      const entries = new Map([
        [folder, oid(first, folder)],
        [file, oid(second, file)],
        ['none', oid(first, file)],
      ]);
      expect(await since(repository, tip, entries)).toEqual(
        new Map([
          [folder, at(first)],
          [file, at(second)],
        ]),
      );
    }
    expect(await since(repository, last, new Map())).toEqual(new Map());
  });
});
