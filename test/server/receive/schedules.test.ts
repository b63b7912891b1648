import fc from 'fast-check';
import { expect, it } from 'vitest';
import { git } from '../../git/repositories.ts';
import { patience, soak } from '../../hosts/soak.ts';
import { Clone } from '../clone.ts';
import { fullServer } from '../full-server.ts';
import { keyOf } from '../memory-access.ts';
import { packOf, pushBody, type RawAnswer, rawPush, zero } from '../raw-push.ts';
import { refsOf } from '../server-state.ts';
import { exchange, sessionFiles } from '../sessions.ts';

const length = 4;

/** A delivery: the commits from one place of a history to a later one, and whether the client stays for the answer. */
const delivery = fc
  .tuple(fc.nat({ max: length - 1 }), fc.nat({ max: length - 1 }), fc.boolean())
  .map(([a, b, stays]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1, stays }));
/** Deliveries of one group are under way at the same time. */
const schedule = fc.array(fc.array(delivery, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 5 });

it('R11, B15: whatever is delivered twice, late, out of order, overlapping or unheard, one copy is there', {
  timeout: patience,
}, async () => {
  const server = await fullServer();
  const clone = new Clone();
  const tips = [zero];
  for (let count = 1; count <= length; count++) {
    const exchanges = Array.from({ length: count }, (_, at) => exchange(`x${at}`));
    tips.push(clone.commit(sessionFiles('one', exchanges), count === 1 ? undefined : tips.at(-1)));
  }
  /** How far the server is. */
  const reached = async (id: string): Promise<number> => {
    const { gitDir } = await server.repositories.open(keyOf('ann', id));
    return Math.max(0, tips.indexOf(git(gitDir, 'for-each-ref', '--format=%(objectname)')));
  };
  let project = 0;
  await fc.assert(
    fc.asyncProperty(schedule, async (groups) => {
      const id = `p${project++}`;
      const url = server.url.replace(/project$/, id);
      const unheard: Promise<RawAnswer>[] = [];
      const deliver = async ({ from, to, stays }: { from: number; to: number; stays: boolean }) => {
        const [old = zero, tip = zero] = [tips[from], tips[to]];
        const pack = packOf(clone, [tip], from === 0 ? [] : [old]);
        const sent = rawPush(url, 'ann', pushBody([`${old} ${tip} ${clone.ref()}`], pack));
        if (!stays) return void unheard.push(sent);
        const { report } = await sent;
        if (report.at(-1)?.startsWith('ok ')) expect(await reached(id), `${report}`).toBeGreaterThanOrEqual(to);
        else expect(report.at(-1)).toMatch(/^ng .*(?:moved meanwhile|only grows|lacks objects)/);
      };
      for (const group of groups) await Promise.all(group.map(deliver));
      await Promise.all(unheard);
      const last = tips[length] ?? '';
      for (let at = await reached(id); at < length; at++) await deliver({ from: at, to: at + 1, stays: true });
      expect(refsOf(server, 'ann', id)).toEqual([`${last} ${clone.ref()}`]);
      expect(await server.store.sessions(keyOf('ann', id))).toHaveLength(1);
    }),
    { numRuns: soak(25, 1000) },
  );
  expect(server.problems).toEqual([]);
});
