import { cpSync, writeFileSync } from 'node:fs';
import path, { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writerTips } from '../../../src/git/writer-ref.ts';
import { openStoreDatabase } from '../../../src/platform/sqlite-store.ts';
import { LocalRepositories } from '../../../src/server/repositories/local-repositories.ts';
import { bundle } from '../../faults/bundle.ts';
import { countCalls, type Fault, hasStrace, runPlain, runWith, type Target } from '../../faults/strace.ts';
import { checkRepository, temporaryFolder } from '../../git/repositories.ts';
import { Clone } from '../clone.ts';
import { keyOf } from '../memory-access.ts';
import { packOf, pushBody, zero } from '../raw-push.ts';
import { exchange, sessionFiles } from '../sessions.ts';

const key = keyOf('ann', 'project');
/** Points of each kind that are struck; `FAULT_POINTS=1000` strikes all. */
const points = Number(process.env.FAULT_POINTS ?? 10);

let program: string;
beforeAll(async () => {
  process.env.NODE_PATH = resolve('node_modules');
  program = await bundle(new URL('../push-once.ts', import.meta.url));
});

describe.runIf(hasStrace())('R3: one push and its ingest, struck at the calls that change the disk', () => {
  it.each<[Target, Fault['effect']]>([
    ['node', 'signal=SIGKILL'],
    ['node', 'error=ENOSPC'],
    ['update-ref', 'signal=SIGKILL'],
  ])(
    'by %s %s leaves a whole repository, and the same push again lands',
    async (target, effect) => {
      const clone = new Clone();
      const first = clone.commit(sessionFiles('one', [exchange('x')]));
      const second = clone.commit(sessionFiles('one', [exchange('x'), exchange('y')]), first);
      const bodies = path.join(temporaryFolder(), 'body');
      const [one, two] = [`${bodies}-1`, `${bodies}-2`];
      writeFileSync(one, pushBody([`${zero} ${first} ${clone.ref()}`], packOf(clone, [first])));
      writeFileSync(two, pushBody([`${first} ${second} ${clone.ref()}`], packOf(clone, [second], [first])));
      const before = temporaryFolder();
      const run = (data: string, body: string) => [process.execPath, program, data, body];
      expect((await runPlain(run(before, one))).output).toBe(`unpack ok\nok ${clone.ref()}\n`);
      const copy = (): string => {
        const data = path.join(temporaryFolder(), 'data');
        cpSync(before, data, { recursive: true });
        return data;
      };
      const counted = copy();
      const calls = await countCalls(target, counted, run(counted, two));
      expect(calls.length).toBeGreaterThan(2);
      const every = Math.max(1, Math.floor(calls.length / points));
      for (const [index, call] of calls.entries()) {
        if (index % every !== 0) continue;
        const data = copy();
        const { output } = await runWith({ ...call, effect }, run(data, two));
        const name = `${call.call} ${call.when}`;
        const repository = await new LocalRepositories(data).open(key);
        checkRepository(repository.gitDir);
        const [tip] = await writerTips(repository);
        if (output.includes(`ok ${clone.ref()}`) && !output.includes('ng ')) expect(tip?.oid, name).toBe(second);
        const again = await runPlain(run(data, two));
        expect(again.output, name).toBe(`unpack ok\nok ${clone.ref()}\n`);
        checkRepository(repository.gitDir);
        const database = openStoreDatabase(path.join(data, 'index.sqlite'));
        expect(database.rows('SELECT exchange FROM exchanges'), name).toHaveLength(2);
        expect(database.rows('SELECT ingested, toward FROM cursors'), name).toEqual([
          { ingested: second, toward: null },
        ]);
        database.close();
      }
    },
    600_000,
  );
});
