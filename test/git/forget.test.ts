import { cpSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { refs } from '../../src/core/layout.ts';
import { forget } from '../../src/git/forget.ts';
import { tips } from '../../src/git/read.ts';
import { openRepository } from '../../src/git/repository.ts';
import { openImport } from '../../src/git/write.ts';
import { author, checkRepository, git, makeRepository, redacted, text } from './repositories.ts';

/** Adds a commit with these files to the history. */
async function add(folder: string, ...files: string[]): Promise<void> {
  const repository = await openRepository(folder);
  const into = openImport(repository, await tips(repository), author);
  const changes = files.map((file) => ({ path: `f/${file}/1`, content: redacted(`what is in ${file}\n`) }));
  await into.commit(refs.history, text(files.join(' and ')), changes);
  await into.finish();
}

/** Forgets folders of the history, as if no remote had any of it. */
async function forgetIn(folder: string, ...files: string[]): Promise<void> {
  const repository = await openRepository(folder);
  const { history: tip } = await tips(repository);
  if (tip === undefined) throw new Error('there is no history');
  const folders = files.map((file) => `f/${file}`);
  const message = redacted('A file was taken out\n');
  await forget(repository, { ref: refs.history, tip, keep: [], folders, message }, author);
}

function packs(folder: string): string[] {
  return readdirSync(path.join(folder, '.git/objects/pack'));
}

describe('forgetting', () => {
  it('takes folders out of every commit, and their story', async () => {
    const folder = makeRepository();
    await add(folder, 'a', 'b');
    await add(folder, 'c');
    await forgetIn(folder, 'b');
    expect(git(folder, 'ls-tree', '-r', '--name-only', refs.history).split('\n')).toEqual(['f/a/1', 'f/c/1']);
    expect(git(folder, 'log', '--format=%s', refs.history).split('\n')).toEqual(['c', 'A file was taken out']);
    expect(git(folder, 'log', '--format=%H', refs.history, '--', 'f/b')).toBe('');
    checkRepository(folder);
  });

  it('depends on nothing that a gc at the same moment drops', async () => {
    const folder = makeRepository();
    // What nobody reaches any more, and what will be there again when `b` is forgotten.
    await add(folder, 'a');
    git(folder, 'update-ref', '-d', refs.history);
    await add(folder, 'a', 'b');
    await add(folder, 'c');
    // A gc that saw the refs as they are now leaves this; the packs that are added later it does not know.
    const cleaned = `${folder}-cleaned`;
    cpSync(folder, cleaned, { recursive: true });
    git(cleaned, 'gc', '--quiet', '--prune=now');
    const before = new Set(packs(folder));
    await forgetIn(folder, 'b');
    for (const name of packs(folder).filter((file) => !before.has(file))) {
      cpSync(path.join(folder, '.git/objects/pack', name), path.join(cleaned, '.git/objects/pack', name));
    }
    git(cleaned, 'update-ref', refs.history, git(folder, 'rev-parse', refs.history));
    checkRepository(cleaned);
    expect(git(cleaned, 'ls-tree', '-r', '--name-only', refs.history).split('\n')).toEqual(['f/a/1', 'f/c/1']);
  });
});
