import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteFromHistory } from '../../../src/client/annotate/delete.ts';
import { setHidden } from '../../../src/client/annotate/label.ts';
import { purgeLocally } from '../../../src/client/annotate/purge.ts';
import { capture } from '../../../src/client/capture/capture.ts';
import { statusOf } from '../../../src/client/health/status.ts';
import { sessionId } from '../../../src/core/ids.ts';
import type { Scratch } from '../../hosts/scratch.ts';
import { fetchFrom, opened, plantSession, writerWith } from '../../hosts/writers.ts';

/** What a plain count of refs and files says, without any code of ours. */
function counted(world: Scratch): Set<string> {
  const refs = world.git('for-each-ref', '--format=%(refname)', 'refs/specstory').split('\n');
  const names = refs.filter((ref) => ref.endsWith('/history'));
  const paths = names.flatMap((ref) => world.git('ls-tree', '-r', '--name-only', ref).split('\n'));
  return new Set(
    paths.flatMap(
      (path) => /^sessions\/..\/([^/]+)\/exchanges\/\d+-([0-9a-f]+)\.md$/.exec(path)?.slice(1, 3).join(' ') ?? [],
    ),
  );
}

const sessions = ['s1', 's2', 's3'];
const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom('ours' as const, 'theirs' as const),
    id: fc.constantFrom(...sessions),
    turns: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constantFrom('hide' as const, 'delete' as const, 'purge' as const),
    id: fc.constantFrom(...sessions),
    turns: fc.constant(0),
  }),
);

describe('status', () => {
  it('R23: equals an independent count, whatever was captured, fetched, hidden, deleted and purged', {
    timeout: 180_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 7 }), async (steps) => {
        const [ours, theirs] = [await writerWith(), await writerWith()];
        const [hidden, gone] = [new Set<string>(), new Set<string>()];
        for (const { kind, id, turns } of steps) {
          const known = [...counted(ours)].some((name) => name.startsWith(`${id} `)) && !gone.has(id);
          if (kind === 'ours' || kind === 'theirs') {
            const world = kind === 'ours' ? ours : theirs;
            plantSession(world, id, turns);
            await capture(await opened(world));
            if (kind === 'theirs') await fetchFrom(theirs, ours);
          } else if (known) {
            if (kind === 'hide') await setHidden(await opened(ours), { session: id }, true);
            if (kind === 'delete') await deleteFromHistory(await opened(ours), { session: id });
            if (kind === 'purge') await purgeLocally(await opened(ours), [sessionId(id)]);
            (kind === 'hide' ? hidden : gone).add(id);
          }
          const left = [...counted(ours)].map((name) => name.split(' ')[0] ?? '').filter((name) => !gone.has(name));
          const shown = left.filter((name) => !hidden.has(name));
          const status = await statusOf(await opened(ours));
          expect(status.history).toMatchObject({
            sessions: new Set(shown).size,
            exchanges: shown.length,
            hidden: new Set(left).size - new Set(shown).size,
          });
          expect(status.warnings).toEqual([]);
        }
      }),
      { numRuns: 6 },
    );
  });

  it('R23: hides nothing that is wrong: copies, rollbacks, and what was passed over', async () => {
    const [a, b] = [await writerWith(['s1', 1]), await writerWith(['s2', 1], ['s3', 1])];
    const writer = await fetchFrom(b, a);
    await capture(await opened(a));
    const ref = `refs/specstory/remotes/origin/${writer}/history`;
    a.git('update-ref', ref, `${ref}~1`);
    await capture(await opened(a));
    expect((await statusOf(await opened(a))).warnings.map(({ text }) => text)).toEqual([
      expect.stringContaining('rollback'),
    ]);
    a.git('update-ref', ref, a.git('hash-object', '-w', a.plant('blob', 'x')).trim());
    const { warnings } = await statusOf(await opened(a));
    expect(warnings.map(({ text }) => text).join('\n')).toContain('is no commit');
  });
});
