import { rmSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from '../platform/atomic-file.ts';
import type { Repository } from './repository.ts';
import type { WriterTip } from './writer-ref.ts';

/** Sets the refs of a repository that nobody else writes to, all at once: those in one file, and none beside it. */
export async function setRefs(repository: Repository, tips: readonly WriterTip[]): Promise<void> {
  const lines = tips.map(({ oid, ref }) => `${oid} ${ref}\n`);
  await replaceFile(
    path.join(repository.gitDir, 'packed-refs'),
    `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`,
  );
  rmSync(path.join(repository.gitDir, 'refs', 'specstory'), { recursive: true, force: true });
}
