import { rmSync } from 'node:fs';
import { makeHostedRepository } from './hosted.ts';
import { ownFolder } from './own-folder.ts';
import { packObjects } from './pack-objects.ts';
import { setRefs } from './packed-refs.ts';
import { adoptPacks, releasePacks } from './packs.ts';
import type { Repository } from './repository.ts';
import { openScratch } from './scratch.ts';
import { type WriterTip, writerTips } from './writer-ref.ts';

/** How often a repository is copied whose packs become one, or whose commits are purged, while it is read. */
const attempts = 5;

/**
 * Copies a server's repository as its refs stand at one moment into a new one, with one pack of all that they reach and nothing else, while it is pushed
 * to. Gives the refs. Throws what git fails with when it changes faster than it can be read.
 */
export async function copyHosted(repository: Repository, gitDir: string): Promise<readonly WriterTip[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await copyOnce(repository, gitDir);
    } catch (thrown) {
      rmSync(gitDir, { recursive: true, force: true });
      if (attempt === attempts) throw thrown;
    }
  }
}

async function copyOnce(repository: Repository, gitDir: string): Promise<readonly WriterTip[]> {
  const tips = await writerTips(repository);
  const copy = makeHostedRepository(gitDir);
  if (tips.length === 0) return tips;
  const scratch = openScratch(repository, ownFolder(copy));
  try {
    const wanted = [...new Set(tips.map(({ oid }) => `${oid}\n`))].join('');
    await adoptPacks(copy, await packObjects(scratch, '--revs', wanted));
  } finally {
    scratch.remove();
  }
  await setRefs(copy, tips);
  releasePacks(copy);
  return tips;
}
