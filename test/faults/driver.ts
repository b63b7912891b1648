// A capture as far as git is concerned, as a program of its own: `driver <project> <name> <imports> <files>`.
// It takes the lock, mends what a crash left, and writes `imports` times `files` files to both refs.
import path from 'node:path';
import { reason, SpecstoryError } from '../../src/core/errors.ts';
import { refs } from '../../src/core/layout.ts';
import { vouch } from '../../src/core/vouch.ts';
import { tips } from '../../src/git/read.ts';
import { recover } from '../../src/git/recover.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { openImport } from '../../src/git/write.ts';
import { withLock } from '../../src/platform/lock.ts';

const author = { name: 'A Developer', email: 'developer@example.org' };

async function main([project = '', name = '', imports = '1', files = '2']: readonly string[]): Promise<void> {
  const repository = await openRepository(project);
  const lock = path.join(repository.commonDir, 'specstory', 'lock');
  for (let turn = 0; turn < Number(imports); turn++) {
    await withLock(lock, { wait: 60_000, purpose: 'capture' }, async ({ recovered }) => {
      if (recovered) await recover(repository);
      await capture(repository, `${name}-${turn}`, Number(files));
    });
  }
}

async function capture(repository: Repository, name: string, files: number): Promise<void> {
  const into = openImport(repository, await tips(repository), author);
  try {
    for (const ref of [refs.history, refs.raw]) {
      const content = (at: number) => vouch(`${ref} ${name} ${at}\n`.repeat(20));
      const changes = Array.from({ length: files }, (_, at) => ({ path: `f/${name}/${at}`, content: content(at) }));
      await into.commit(ref, { subject: vouch(name), at: '2026-01-02T03:04:05.678Z' }, changes);
    }
    await into.finish();
  } finally {
    await into.abort();
  }
}

main(process.argv.slice(2)).then(
  () => process.stdout.write('done\n'),
  (thrown) => {
    process.exitCode = 1;
    process.stdout.write(
      thrown instanceof SpecstoryError ? `${thrown.kind}: ${reason(thrown)}\n` : `${thrown?.stack}\n`,
    );
  },
);
