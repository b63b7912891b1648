import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasAllObjects } from '../../src/git/pack-index.ts';
import { git, makeRepository } from './repositories.ts';

describe('hasAllObjects', () => {
  it.each(['sha1', 'sha256'])('tells whether a pack can stand for others, with %s', (format) => {
    const folder = makeRepository(`--object-format=${format}`);
    const width = format === 'sha1' ? 20 : 32;
    const packs = path.join(folder, '.git/objects/pack');
    for (const name of ['a', 'b', 'c']) {
      writeFileSync(path.join(folder, name), name.repeat(1000));
      git(folder, 'add', name);
      git(folder, 'commit', '--quiet', `--message=${name}`);
      git(folder, 'repack', '-q', '-d');
    }
    const small = indexes(packs);
    expect(small).toHaveLength(3);
    git(folder, 'repack', '-q', '-a', '-F');
    const [all = ''] = indexes(packs).filter((file) => !small.includes(file));
    expect(hasAllObjects(all, small, width)).toBe(true);
    expect(hasAllObjects(all, [], width)).toBe(true);
    for (const one of small) expect(hasAllObjects(one, small, width)).toBe(false);
    const rubbish = path.join(folder, 'rubbish');
    for (const content of ['', 'x'.repeat(2000)]) {
      writeFileSync(rubbish, content);
      expect(hasAllObjects(rubbish, small, width)).toBe(false);
      expect(hasAllObjects(all, [rubbish], width)).toBe(false);
    }
  });
});

function indexes(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.idx'))
    .map((name) => path.join(folder, name));
}
