import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { writerTips } from '../../../src/git/writer-ref.ts';
import { openStoreDatabase } from '../../../src/platform/sqlite-store.ts';
import { LocalRepositories } from '../../../src/server/repositories/local-repositories.ts';
import { bundle } from '../../faults/bundle.ts';
import { checkRepository, git, temporaryFolder } from '../../git/repositories.ts';
import { patience, soak } from '../../hosts/soak.ts';
import { Clone, writerB } from '../clone.ts';
import { keyOf } from '../memory-access.ts';
import { startServer } from '../server-process.ts';
import { exchange, sessionFiles } from '../sessions.ts';

const key = keyOf('ann', 'project');
const cycles = soak(12, 200);

let program: string;
beforeAll(async () => {
  program = await bundle(new URL('../driver.ts', import.meta.url));
});

describe('R3 R4: a server that is killed', () => {
  it(
    'at any moment of a push keeps what it said it has, and takes in the rest when it starts again',
    async () => {
      const data = temporaryFolder();
      const writers = [new Clone(), new Clone(writerB)].map((clone) => ({ clone, tip: '', told: '', size: 0 }));
      let server = await startServer(program, data);
      for (let cycle = 0; cycle < cycles; cycle++) {
        const pushes = writers.map(async (on) => {
          for (let turn = 0; turn < 3; turn++) {
            on.size++;
            const exchanges = Array.from({ length: on.size }, (_, at) => exchange(`${on.clone.writer}-${at}`));
            on.tip = on.clone.commit(sessionFiles(`of-${on.clone.writer}`, exchanges), on.tip || undefined);
            const { code } = await on.clone.push(`${server.url}/project`, 'ann', [`${on.tip}:${on.clone.ref()}`]);
            if (code !== 0) return;
            on.told = on.tip;
          }
        });
        await pause(Math.random() * 1200);
        await server.kill();
        await Promise.all(pushes);
        server = await startServer(program, data);
        await server.recovered;
        expect(server.errors()).toBe('');
        await checkState(data, writers);
      }
      for (const { clone, tip } of writers) {
        expect(await clone.push(`${server.url}/project`, 'ann', [`${tip}:${clone.ref()}`])).toMatchObject({ code: 0 });
      }
      await checkState(
        data,
        writers.map((on) => ({ ...on, told: on.tip })),
      );
    },
    patience,
  );
});

interface Writer {
  readonly clone: Clone;
  /** The last tip that the server said it has. */
  readonly told: string;
}

async function checkState(data: string, writers: readonly Writer[]): Promise<void> {
  expect(readdirSync(path.join(data, 'quarantine'))).toEqual([]);
  const repository = await new LocalRepositories(data).open(key);
  checkRepository(repository.gitDir);
  const tips = new Map((await writerTips(repository)).map(({ writer, oid }) => [String(writer), String(oid)]));
  const database = openStoreDatabase(path.join(data, 'index.sqlite'));
  try {
    for (const { clone, told } of writers) {
      const tip = tips.get(clone.writer) ?? '';
      if (told !== '') git(clone.folder, 'merge-base', '--is-ancestor', told, tip);
      const [cursor] = database.rows('SELECT * FROM cursors WHERE project = ? AND writer = ?', [key, clone.writer]);
      expect(cursor?.ingested ?? '').toBe(tip);
      if (tip === '') continue;
      const files = git(clone.folder, 'ls-tree', '-r', '--name-only', tip)
        .split('\n')
        .filter((name) => name.includes('/exchanges/'));
      const rows = database.rows('SELECT exchange FROM exchanges WHERE project = ? AND writer = ?', [
        key,
        clone.writer,
      ]);
      expect(rows).toHaveLength(files.length);
    }
  } finally {
    database.close();
  }
}
