import { beforeEach, describe, expect, it } from 'vitest';
import type { Condition } from '../../src/search/query.ts';
import type { SearchIndex, SearchResult } from '../../src/search/search-index.ts';
import { sid, xid } from '../server/sessions.ts';
import {
  all,
  any,
  filter,
  found,
  keep,
  mine,
  not,
  now,
  other,
  phrase,
  project,
  query,
  said,
  scopeOf,
  stepOf,
  theirs,
  word,
} from './corpus.ts';

const page = { limit: 20, facets: true };
const everything = scopeOf({ key: project, hidden: true });

/** What every search index must do. `open` gives an empty one. */
export function searchIndexContract(name: string, open: () => Promise<SearchIndex>): void {
  describe(`${name} as a search index`, () => {
    let index: SearchIndex;
    beforeEach(async () => {
      index = await open();
      return () => index.close();
    });
    const find = (where: Condition | undefined, more = {}): Promise<string[]> => found(index, where, more);
    const search = (where: Condition | undefined, more = {}): Promise<SearchResult> =>
      index.search(query(where, more), everything, page, now);

    it('takes an exchange that has grown together with new ones of its second, in any order', async () => {
      const at = '2026-01-02T03:04:05.000Z';
      const [one, two] = [
        { key: 'a', prompt: 'a beginning', at },
        { key: 'b', prompt: 'another', at },
      ];
      await keep(index, 'grows', { of: [one] });
      await keep(index, 'grows', { of: [{ ...one, answer: 'and grown' }, two] });
      await keep(index, 'grows', {
        of: [
          { key: 'c', prompt: 'a third', at },
          { ...two, answer: 'grown as well' },
        ],
      });
      expect(await find(word('beginning'))).toHaveLength(1);
      expect(await find(word('grown'))).toHaveLength(2);
      expect(await find(word('third'))).toHaveLength(1);
    });

    describe('Q-02 hits are exchanges, grouped by session', () => {
      beforeEach(async () => {
        const of = Array.from({ length: 5 }, (_, at) => ({ key: `x${at}`, prompt: `retry number ${at}` }));
        await keep(index, 'long', { of });
        await keep(index, 'short', { of: [{ key: 'y', answer: 'it will retry' }] });
      });

      it('shows the best three, and says how many more there are', async () => {
        const { groups, total } = await search(word('retry'));
        expect(total).toEqual({ count: 6, isMore: false });
        expect(groups.map(({ key, hits, more }) => [key, hits.length, more])).toEqual([
          ['long', 3, 2],
          ['short', 1, 0],
        ]);
        expect(groups[0]).toMatchObject({ title: 'Session long', agent: 'claude', author: 'Ada', project });
      });

      it('groups by file, by day, or not at all', async () => {
        const edited = [{ path: '/work/app/src/a.ts', diff: '@@\n+retry' }];
        await keep(index, 'third', { of: [{ key: 'z', edited, at: '2026-01-03T00:00:00.000Z' }] });
        const keys = async (group: 'file' | 'day' | 'none') =>
          (await search(word('retry'), { group })).groups.map(({ key }) => key);
        expect((await keys('none')).length).toBe(7);
        expect(await keys('day')).toEqual(['2026-01-02', '2026-01-03']);
        expect(await keys('file')).toContain('src/a.ts');
      });
    });

    describe('Q-03 a snippet tells where it matched', () => {
      it('names the field, and marks a phrase as a unit, in at most three lines', async () => {
        const before = 'line\n'.repeat(40);
        await keep(index, 'one', {
          of: [{ key: 'x', answer: `${before}Cannot read properties of undefined <b>\n${before}` }],
        });
        const { groups } = await search(phrase('read PROPERTIES of'));
        const snippet = groups[0]?.hits[0]?.snippet;
        expect(snippet).toMatchObject({ field: 'answer', label: 'answer', isCode: false });
        expect(snippet?.pieces.filter(({ isMatch }) => isMatch)).toEqual([
          { text: 'read properties of', isMatch: true },
        ]);
        const text = snippet?.pieces.map((piece) => piece.text).join('') ?? '';
        expect(text).toContain('undefined <b>');
        expect(text.split('\n').length).toBeLessThanOrEqual(3);
      });

      it('says what ran, what it printed, and whose diff it is', async () => {
        const ran = [{ command: 'pnpm test --filter web', output: 'ECONNREFUSED in worker' }];
        const edited = [{ path: '/work/app/src/a.ts', diff: '@@\n-old\n+frobnicate()' }];
        await keep(index, 'one', { of: [{ key: 'x', prompt: 'Go', ran, edited }] });
        const label = async (text: string) => {
          const { groups } = await search(word(text));
          const { label, isCode } = groups[0]?.hits[0]?.snippet ?? {};
          return [label, isCode];
        };
        expect(await label('pnpm')).toEqual(['ran', true]);
        expect(await label('econnrefused')).toEqual(['output', true]);
        expect(await label('frobnicate')).toEqual(['diff of src/a.ts', true]);
        expect(await label('go')).toEqual(['prompt', false]);
      });
    });

    describe('Q-04 identifiers, code and every script', () => {
      const texts = {
        camel: 'the function getUserById() is slow',
        call: 'then foo.bar() throws',
        cpp: 'written in C++ of all things',
        flag: 'git commit --no-verify was used',
        place: 'see src/a-b_c.ts:120 for that',
        chinese: '修复登录页面的错误',
        accent: 'Das Gerät wird übergeben',
      };
      beforeEach(async () => {
        for (const [key, prompt] of Object.entries(texts)) await keep(index, key, { of: [{ key, prompt }] });
      });
      const cases: [Condition, string][] = [
        [all(word('get'), word('user'), word('by'), word('id')), 'camel'],
        [word('getuserbyid'), 'camel'],
        [word('getUserById'), 'camel'],
        [phrase('UserBy'), 'camel'],
        [phrase('serbyi'), 'camel'],
        [word('getUs', { prefix: true }), 'camel'],
        [word('foo.bar()'), 'call'],
        [phrase('foo.bar()'), 'call'],
        [phrase('oo.ba'), 'call'],
        [word('C++'), 'cpp'],
        [phrase('C++'), 'cpp'],
        [phrase('+ of'), 'cpp'],
        [word('--no-verify'), 'flag'],
        [phrase('--no-verify'), 'flag'],
        [word('src/a-b_c.ts:120'), 'place'],
        [phrase('a-b_c.ts:120'), 'place'],
        [phrase('/a-'), 'place'],
        [word('登录'), 'chinese'],
        [phrase('录页面'), 'chinese'],
        [word('gerat'), 'accent'],
        [word('GERÄT'), 'accent'],
        [phrase('ÜBERGEBEN'), 'accent'],
      ];
      for (const [where, session] of cases) {
        it(`finds ${session} by ${JSON.stringify(where)}`, async () => {
          expect(await find(where)).toEqual([`${session} 1`]);
        });
      }
    });

    describe('Q-05 copies of an exchange are one hit', () => {
      it('shows the earliest copy, and where else it is', async () => {
        const first = { key: 'x', prompt: 'flaky upload' };
        await keep(index, 'late', { created: '2026-03-01T00:00:00.000Z', of: [first, { key: 'y', prompt: 'more' }] });
        await keep(index, 'early', { created: '2026-01-01T00:00:00.000Z', of: [first] });
        await keep(index, 'middle', { created: '2026-02-01T00:00:00.000Z', writer: theirs, of: [first] });
        const { groups, total } = await search(word('flaky'));
        expect(total).toEqual({ count: 1, isMore: false });
        expect(groups.map(({ key, hits }) => [key, hits.map(({ alsoIn }) => alsoIn)])).toEqual([
          ['early', [[sid('late'), sid('middle')].sort()]],
        ]);
      });

      it('counts a session that several writers have once', async () => {
        const of = [{ key: 'x', prompt: 'flaky upload' }];
        await keep(index, 'one', { of });
        await keep(index, 'one', { of, writer: theirs });
        const { groups, total } = await search(word('flaky'));
        expect(total.count).toBe(1);
        expect(groups.flatMap(({ hits }) => hits.map(({ alsoIn }) => alsoIn))).toEqual([[]]);
      });
    });

    it('Q-06 counts facets over what the query finds', async () => {
      await keep(index, 'one', { of: [{ key: 'x', prompt: 'deploy', branch: 'main' }] });
      const ran = [{ command: 'npm test', ok: false }];
      await keep(index, 'two', {
        agent: 'codex',
        author: 'Bob',
        of: [{ key: 'y', prompt: 'deploy', ran, at: '2026-02-02T00:00:00.000Z' }],
      });
      await keep(index, 'three', { agent: 'codex', of: [{ key: 'z', prompt: 'else' }] });
      const { facets } = await search(word('deploy'));
      expect(facets).toEqual({
        project: [{ value: project, count: 2 }],
        agent: [
          { value: 'claude', count: 1 },
          { value: 'codex', count: 1 },
        ],
        branch: [{ value: 'main', count: 1 }],
        author: [
          { value: 'Ada', count: 1 },
          { value: 'Bob', count: 1 },
        ],
        month: [
          { value: '2026-01', count: 1 },
          { value: '2026-02', count: 1 },
        ],
        has: [
          { value: 'error', count: 1 },
          { value: 'failing-test', count: 1 },
          { value: 'test', count: 1 },
        ],
      });
    });

    describe('Q-08 nothing has all of it', () => {
      beforeEach(async () => {
        await keep(index, 'one', { of: [{ key: 'x', prompt: 'retry backoff' }] });
        await keep(index, 'two', { of: [{ key: 'y', prompt: 'retry again' }] });
      });

      it('says which word killed it, and shows what is found without', async () => {
        const where = all(word('retry'), word('backoff'), word('nowhere'));
        const { total, relaxed, parts, groups } = await search(where);
        expect(total.count).toBe(0);
        expect(parts.map(({ part, count }) => [part, count])).toEqual([
          [word('retry'), 2],
          [word('backoff'), 1],
          [word('nowhere'), 0],
        ]);
        expect(relaxed).toMatchObject({
          dropped: word('nowhere'),
          query: { where: all(word('retry'), word('backoff')) },
        });
        expect(groups.map(({ key }) => key)).toEqual(['one']);
      });

      it('has nothing to relax in one word', async () => {
        const { relaxed, groups, total } = await search(word('nowhere'));
        expect({ relaxed, groups, total }).toEqual({
          relaxed: undefined,
          groups: [],
          total: { count: 0, isMore: false },
        });
      });

      it('names the value that was probably meant', async () => {
        const { notes } = await search(filter('agent', 'cluade'));
        expect(notes.join('\n')).toContain("'claude' (2)");
      });
    });

    describe('Q-11 permissions', () => {
      const secret = word('hush');
      beforeEach(async () => {
        await keep(index, 'one', {
          of: [
            { key: 'x', prompt: 'hush' },
            { key: 'y', prompt: 'hush again' },
          ],
        });
        await keep(index, 'theirs', { project: other, of: [{ key: 'z', prompt: 'hush' }] });
      });
      const as = (...projects: { key: string; hidden?: boolean }[]) => ({ scope: scopeOf(...projects) });

      it('finds and counts nothing in a project that may not be read', async () => {
        expect(await find(secret)).toEqual(['one 1', 'one 2']);
        expect(await find(secret, as({ key: other }))).toEqual(['theirs 1']);
        expect(await find(secret, as())).toEqual([]);
        const result = await index.search(query(secret), scopeOf({ key: '3'.repeat(32) }), page, now);
        expect(result.total).toEqual({ count: 0, isMore: false });
        expect(Object.values(result.facets).flat()).toEqual([]);
        expect(await find(filter('project', `name-${other[0]}`))).toEqual([]);
      });

      it('finds what is hidden only for those who may see it', async () => {
        const hidden = { kind: 'hidden', value: true } as const;
        await index.state(project, said({ session: 'one', exchange: 'x', statement: hidden }));
        expect(await find(secret, as({ key: project }))).toEqual(['one 2']);
        expect(await find(secret)).toEqual(['one 1', 'one 2']);
        expect(await find(filter('is', 'hidden'))).toEqual(['one 1']);
        expect(await find(filter('is', 'hidden'), as({ key: project }))).toEqual([]);
        expect(await find(not(filter('is', 'hidden')))).toEqual(['one 2']);
        const shown = await index.search(query(secret), scopeOf({ key: project }), page, now);
        expect(shown.total.count).toBe(1);
        await index.state(project, said({ session: 'one', statement: hidden }));
        expect(await find(secret, as({ key: project }))).toEqual([]);
        await index.state(project, said());
        expect(await find(secret, as({ key: project }))).toEqual(['one 1', 'one 2']);
      });

      it('names a session after its first prompt only for those who may see that', async () => {
        const title = async (readable: { key: string; hidden?: boolean }) =>
          (await index.search(query(secret), scopeOf(readable), page, now)).groups.find(({ key }) => key === 'one')
            ?.title;
        const named = await title({ key: project });
        expect(named).not.toBe('');
        const hidden = { session: 'one', exchange: 'x', statement: { kind: 'hidden', value: true } } as const;
        await index.state(project, said(hidden));
        expect(await title({ key: project })).toBe('');
        expect(await title({ key: project, hidden: true })).toBe(named);
        await index.state(project, said(hidden, { session: 'one', statement: { kind: 'title', value: 'Given' } }));
        expect(await title({ key: project })).toBe('Given');
        const deleted = { kind: 'deleted' as const, exchanges: [], content: [] };
        await index.state(project, said({ session: 'one', exchange: 'x', statement: deleted }));
        expect(await title({ key: project, hidden: true })).toBe('');
      });

      it('finds what was deleted for nobody, whatever came first', async () => {
        const deleted = (exchanges: string[] = []) => ({
          kind: 'deleted' as const,
          exchanges: exchanges.map(xid),
          content: [],
        });
        await index.state(project, said({ session: 'one', exchange: 'x', statement: deleted() }));
        expect(await find(secret)).toEqual(['one 2']);
        await keep(index, 'copy', { of: [{ key: 'x', prompt: 'hush' }] });
        expect(await find(secret)).toEqual(['one 2']);
        await index.state(project, said({ session: 'top', statement: deleted() }));
        await keep(index, 'sub', { parent: sid('top'), of: [{ key: 's', prompt: 'hush' }] });
        await keep(index, 'subsub', { parent: sid('mid'), of: [{ key: 't', prompt: 'hush' }] });
        expect(await find(secret)).toEqual(['copy 1', 'one 2', 'subsub 1']);
        await keep(index, 'mid', { parent: sid('top'), of: [] });
        expect(await find(secret)).toEqual(['copy 1', 'one 2']);
      });

      it('does not tell of a copy in what may not be seen', async () => {
        await keep(index, 'zcopy', { of: [{ key: 'x', prompt: 'hush' }] });
        await index.state(project, said({ session: 'zcopy', statement: { kind: 'hidden', value: true } }));
        const { groups } = await index.search(query(secret), scopeOf({ key: project }), page, now);
        expect(groups.flatMap(({ hits }) => hits.flatMap(({ alsoIn }) => alsoIn))).toEqual([]);
      });
    });

    it('Q-15 explains a query: its tree, what each part finds, and what took how long', async () => {
      await keep(index, 'one', {
        of: [
          { key: 'x', prompt: 'retry backoff' },
          { key: 'y', prompt: 'retry' },
        ],
      });
      const asked = query(all(word('retry'), word('backoff')));
      const explain = await index.explain(asked, everything, now);
      expect(explain.query).toEqual(asked);
      expect(explain.parts.map(({ count }) => count)).toEqual([2, 1]);
      expect(explain.plan.length).toBeGreaterThan(0);
      expect(explain.plan.every(({ step, rows, ms }) => step !== '' && rows >= 0 && ms >= 0)).toBe(true);
    });

    describe('conditions', () => {
      beforeEach(async () => {
        await keep(index, 'one', {
          branch: 'fix/login',
          of: [
            {
              key: 'a',
              prompt: 'Use vitest for #214',
              answer: 'jest is gone',
              ran: [
                { command: 'pnpm test', output: 'ok' },
                { command: 'git commit -m x', output: '[main abc1234] x' },
              ],
              edited: [{ path: '/work/app/src/auth/login.ts', diff: '@@\n+vitest' }],
              at: '2026-05-25T10:00:00.000Z',
            },
          ],
        });
        await keep(index, 'two', {
          agent: 'codex',
          author: 'Bob <bob@example.org>',
          parent: sid('one'),
          of: [{ key: 'b', prompt: 'Use jest snapshot', model: 'gpt-5.1-codex', at: '2026-03-01T10:00:00.000Z' }],
        });
      });
      const cases: [string, Condition | undefined, string[]][] = [
        ['everything', undefined, ['one 1', 'two 1']],
        ['alternatives', any(word('vitest'), word('snapshot')), ['one 1', 'two 1']],
        ['a word that is not there', all(word('jest'), not(word('snapshot'))), ['one 1']],
        ['only what is not', not(word('snapshot')), ['one 1']],
        ['not a phrase', not(phrase('est snap')), ['one 1']],
        ['a phrase or a word', any(phrase('est snap'), word('vitest')), ['one 1', 'two 1']],
        ['neither', not(any(phrase('est snap'), word('vitest'))), []],
        ['in a field', word('jest', { in: 'prompt' }), ['two 1']],
        ['in another field', word('jest', { in: 'answer' }), ['one 1']],
        ['in a title', word('two', { in: 'title' }), ['two 1']],
        ['an agent', filter('agent', 'codex'), ['two 1']],
        ['the beginning of a model', filter('model', 'gpt-5'), ['two 1']],
        ['a word of a model', filter('model', 'sonnet'), ['one 1']],
        ['a branch', filter('branch', 'fix/*'), ['one 1']],
        ['an author by a part of the name', filter('author', 'bob'), ['two 1']],
        ['me', filter('author', '@me'), ['one 1']],
        ['a file by its end', filter('file', 'login.ts'), ['one 1']],
        ['a folder', filter('edited', 'src/auth/**'), ['one 1']],
        ['a pattern of files', filter('edited', 'src/*/log*.ts'), ['one 1']],
        ['a file that was not read', filter('read', 'src/auth/login.ts'), []],
        ['a command', filter('cmd', 'pnpm te'), ['one 1']],
        ['a command that was only said', filter('cmd', 'Use vitest'), []],
        ['a tool', filter('tool', 'bash'), ['one 1']],
        ['a commit', filter('commit', 'abc1'), ['one 1']],
        ['a pull request', filter('pr', '214'), ['one 1']],
        ['has', filter('has', 'commit'), ['one 1']],
        ['no', filter('no', 'commit'), ['two 1']],
        ['no branch', filter('no', 'branch'), ['two 1']],
        ['a sub-agent', filter('is', 'sidechain'), ['two 1']],
        ['a session by the beginning of its id', filter('session', 'tw'), ['two 1']],
        ['after', { kind: 'time', side: 'after', value: '2026-05-01' }, ['one 1']],
        ['before', { kind: 'time', side: 'before', value: '2026-05-01' }, ['two 1']],
        ['on a day', { kind: 'time', side: 'on', value: '2026-03-01' }, ['two 1']],
        ['not after', not({ kind: 'time', side: 'after', value: '2026-05-01' }), ['two 1']],
        ['what is like another', all(filter('like', xid('a')), not(filter('agent', 'codex'))), ['one 1']],
        ['a regular expression', { kind: 'regex', source: 'jest (is|snap)' }, ['one 1', 'two 1']],
        ['what no value has', filter('branch', 'nowhere'), []],
        ['a filter and a word', all(filter('agent', 'claude'), word('jest')), ['one 1']],
      ];
      for (const [what, where, expected] of cases) {
        it(`finds ${what}`, async () => {
          expect((await find(where)).sort()).toEqual(expected);
        });
      }

      it('goes by what was said later: titles and tags', async () => {
        await index.state(
          project,
          said(
            { session: 'one', statement: { kind: 'tag', tag: 'incident', value: true } },
            { session: 'two', exchange: 'b', statement: { kind: 'tag', tag: 'later', value: true } },
            { session: 'one', statement: { kind: 'title', value: 'Zanzibar outage' } },
          ),
        );
        expect(await find(filter('tag', 'incident'))).toEqual(['one 1']);
        expect(await find(filter('tag', 'later'))).toEqual(['two 1']);
        expect(await find(filter('no', 'tag'))).toEqual([]);
        expect(await find(word('zanzibar'))).toEqual(['one 1']);
        expect((await search(word('vitest'))).groups[0]?.title).toBe('Zanzibar outage');
        await index.state(project, said());
        expect(await find(word('zanzibar'))).toEqual([]);
        expect((await search(word('vitest'))).groups[0]?.title).toBe('Session one');
        expect(await find(filter('tag', 'incident'))).toEqual([]);
      });
    });

    describe('order and pages', () => {
      const days = Array.from({ length: 9 }, (_, at) => `2026-01-0${at + 1}T00:00:00.000Z`);
      beforeEach(async () => {
        for (const [number, at] of days.entries())
          await keep(index, `s${number}`, {
            of: [{ key: `x${number}`, at, [number % 2 ? 'prompt' : 'answer']: 'apple' }],
          });
      });
      const numbers = (groups: readonly { key: string }[]) => groups.map(({ key }) => key.slice(1)).join('');

      it('puts what stands in prompts first, then the newest', async () => {
        expect(numbers((await search(word('apple'))).groups)).toBe('753186420');
        expect(numbers((await search(word('apple'), { sort: 'newest' })).groups)).toBe('876543210');
        expect(numbers((await search(word('apple'), { sort: 'oldest' })).groups)).toBe('012345678');
        expect(numbers((await search(undefined)).groups)).toBe('876543210');
      });

      for (const sort of ['relevance', 'newest', 'oldest'] as const) {
        it(`gives page after page, each group once, by ${sort}`, async () => {
          const whole = numbers((await search(word('apple'), { sort })).groups);
          let pages = '';
          for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
            const { groups, next } = await index.search(
              query(word('apple'), { sort }),
              everything,
              { limit: 2, cursor },
              now,
            );
            expect(groups.length).toBeLessThanOrEqual(2);
            pages += numbers(groups);
            cursor = next;
          }
          expect(pages).toBe(whole);
        });
      }

      it('refuses what is no cursor', async () => {
        const wrong = index.search(query(word('apple')), everything, { limit: 2, cursor: 'x' }, now);
        await expect(wrong).rejects.toMatchObject({ kind: 'usage' });
      });
    });

    describe('writing', () => {
      it('replaces and drops, and does nothing twice', async () => {
        const step = stepOf('one', {
          of: [
            { key: 'x', prompt: 'first' },
            { key: 'y', prompt: 'second' },
          ],
        });
        await index.apply(step);
        await index.apply(step);
        expect(await find(undefined)).toEqual(['one 1', 'one 2']);
        await keep(index, 'one', { of: [{ key: 'x', prompt: 'third' }] });
        expect([await find(word('first')), await find(word('third'))]).toEqual([[], ['one 1']]);
        const [session] = step.sessions;
        if (session?.kind !== 'stored') throw new Error('a step without its session');
        await index.apply({ ...step, sessions: [{ ...session, put: [], drop: [xid('y')] }] });
        expect(await find(undefined)).toEqual(['one 1']);
        await index.apply({ ...step, sessions: [{ kind: 'gone', session: sid('one') }] });
        expect(await find(undefined)).toEqual([]);
      });

      it('clears one writer, or all of a project, and can be filled again', async () => {
        await keep(index, 'one', { of: [{ key: 'x', prompt: 'apple getUserById' }] });
        await keep(index, 'two', { writer: theirs, of: [{ key: 'y', prompt: 'apple getUserById' }] });
        await keep(index, 'far', { project: other, of: [{ key: 'z', prompt: 'apple' }] });
        await index.clear(project, mine);
        expect(await find(word('apple'))).toEqual(['two 1']);
        expect(await find(phrase('UserBy'))).toEqual(['two 1']);
        await index.clear(project);
        expect(await find(word('apple'))).toEqual([]);
        await keep(index, 'one', { of: [{ key: 'x', prompt: 'apple getUserById' }] });
        expect(await find(phrase('UserBy'))).toEqual(['one 1']);
        expect(await find(word('apple'), { scope: scopeOf({ key: other }) })).toEqual(['far 1']);
      });
    });

    // What a hostile query could reach: B49.
    for (const text of [
      '"',
      "'",
      'NEAR(',
      'a" OR "b',
      '-x',
      'facts : f1',
      'title:x',
      '*',
      '%',
      '_',
      '\\',
      '\0',
      '(',
      'AND',
      '🦄',
      '{a b}: c',
      'x'.repeat(80_000),
    ]) {
      it(`takes ${JSON.stringify(text.slice(0, 12))} for a text`, async () => {
        await keep(index, 'one', { of: [{ key: 'x', prompt: 'nothing of that kind' }] });
        expect(await find(phrase(text))).toEqual([]);
        expect(await find(word(text))).toEqual(await find(word(text)));
        expect(await find(filter('branch', text))).toEqual(await find(filter('branch', text)));
        expect(await find(filter('file', text))).toEqual(await find(filter('file', text)));
      });
    }
  });
}
