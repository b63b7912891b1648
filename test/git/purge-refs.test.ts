import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObjectId, type ObjectId } from '../../src/core/ids.ts';
import { refs } from '../../src/core/layout.ts';
import { holdingRefs, purgedMessage, purgeRefs } from '../../src/git/purge-refs.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { type OwnTips, openImport } from '../../src/git/write.ts';
import { exchange, sessionFiles, sid, xid } from '../server/sessions.ts';
import { author, checkRepository, git, makeRepository, redacted, text } from './repositories.ts';

/** One commit: exchanges that each session has now. */
type State = Readonly<Record<'s1' | 's2' | 's3', readonly string[]>>;

const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 });
const state: fc.Arbitrary<State> = fc.record({ s1: keys, s2: keys, s3: keys });

async function write(repository: Repository, states: readonly State[]): Promise<OwnTips[]> {
  const tips: OwnTips[] = [];
  let now: OwnTips = {};
  for (const one of states) {
    const into = openImport(repository, now, author);
    const files = Object.entries(one).flatMap(([id, had]) =>
      Object.entries(
        sessionFiles(
          id,
          had.map((key) => exchange(key)),
        ),
      ),
    );
    const changes = files.map(([path, content]) => ({ path, content: redacted(String(content)) }));
    await into.commit(refs.history, text('write'), changes);
    now = await into.finish();
    tips.push(now);
  }
  return tips;
}

const doomed = { sessions: [sid('s1')], exchanges: new Set([xid('a')]) };
const how = { message: redacted(purgedMessage), who: author };

/** Rewrites a repository's history as far as a commit. */
async function rewritten(repository: Repository, tip: ObjectId): Promise<string> {
  git(repository.root, 'update-ref', refs.history, tip);
  await purgeRefs(repository, { histories: [{ ref: refs.history, tip }], raws: [] }, doomed, how);
  return git(repository.root, 'rev-parse', refs.history);
}

describe('purgeRefs', () => {
  it('rewrites each beginning of a history into a beginning of what it makes of the whole, without a trace', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 2, maxLength: 4 }), async (states) => {
        const repository = await openRepository(makeRepository());
        const tips = (await write(repository, states)).flatMap(({ history }) => history ?? []);
        const [first, last] = [tips[0], tips.at(-1)];
        if (!first || !last) return;
        const beginning = await rewritten(repository, first);
        const whole = await rewritten(repository, last);
        git(repository.root, 'merge-base', '--is-ancestor', beginning, whole);
        if (!isObjectId(whole)) throw new Error(whole);
        expect(
          await holdingRefs(repository, { histories: [{ ref: refs.history, tip: whole }], raws: [] }, doomed),
        ).toEqual([]);
        const all = git(repository.root, 'log', '--format=', '--name-only', whole);
        expect(all).not.toMatch(new RegExp(`/s1/|${xid('a')}`));
        expect(git(repository.root, 'log', '-p', '--format=%B', whole)).not.toMatch(/Do a\b/);
        checkRepository(repository.root);
      }),
      { numRuns: 12 },
    );
  });
});
