import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Annotation, Statement } from '../../src/core/annotation.ts';
import { type Copy, fold, type Told } from '../../src/core/fold.ts';
import { sessionId } from '../../src/core/ids.ts';
import { vouch } from '../../src/core/vouch.ts';
import { renderDocument } from '../../src/markdown/document.ts';
import { contentOf, contents, events, exchange, meta, state, together, writer } from './told.ts';

const at = '2026-01-02T03:04:05.678Z';

function told(...copies: Copy[]): Told {
  return { copies, annotations: [], clocks: [] };
}

function copy(of: number, session: string, states: readonly ReturnType<typeof state>[], more = {}): Copy {
  const entries = states.map((one, index) => ({ ordinal: index + 1, id: one.id, content: contentOf(one) }));
  return { writer: writer(of), meta: meta(session, more), entries };
}

function said(lamport: number, of: number, statement: Statement, about: Partial<Annotation> = {}): Told {
  const base = { format: 1 as const, n: 0, at, session: sessionId('s1') };
  return {
    copies: [],
    annotations: [{ ...base, lamport, writer: writer(of), statement, ...about }],
    clocks: [lamport],
  };
}

function prompts(sessions: ReturnType<typeof fold>): string[] {
  return sessions.flatMap(({ exchanges }) =>
    exchanges.map(({ versions }) => versions.map(({ content }) => content).join()),
  );
}

/** Everything that the fold says, and every session as a document. */
function rendered(list: readonly Told[]): string {
  const sessions = fold(list, contents);
  const documents = sessions.map(({ meta: about, exchanges }) => {
    const all = exchanges.flatMap(({ versions }) => versions.flatMap(({ content }) => contents(content) ?? []));
    return renderDocument(vouch({ meta: about, exchanges: all }));
  });
  return JSON.stringify([sessions, documents]);
}

const [x, y, z, w] = ['x', 'y', 'z', 'w'].map((name) => state(exchange(name), name, 1));
if (!x || !y || !z || !w) throw new Error('no samples');

/** An order of `list` that a row of numbers chooses. */
function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

describe('fold', () => {
  it('is a function of the set of what is told: order, repetition and grouping do not matter', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 30 }), fc.infiniteStream(fc.nat()), fc.nat(30), (list, noise, cut) => {
        const random = () => noise.next().value;
        const expected = JSON.stringify(fold(list, contents));
        expect(JSON.stringify(fold(shuffled(list, random), contents))).toBe(expected);
        expect(JSON.stringify(fold([...list, ...shuffled(list, random).slice(cut)], contents))).toBe(expected);
        const grouped = [together(list.slice(0, cut)), together(shuffled(list.slice(cut), random))];
        expect(JSON.stringify(fold(grouped.reverse(), contents))).toBe(expected);
      }),
    );
  });

  it('R13: renders the same bytes for 200 events of 5 nodes in 1,000 orders with repetitions', {
    timeout: 60_000,
  }, () => {
    const [list] = fc.sample(fc.array(events, { minLength: 200, maxLength: 200, size: 'max' }), 1);
    if (!list) throw new Error('no events');
    expect(new Set(list.flatMap(({ copies }) => copies.map((one) => one.writer))).size).toBe(5);
    const expected = rendered(list);
    for (let run = 0; run < 1000; run++) {
      expect(rendered(shuffled([...list, ...list.slice(0, run % 50)], Math.random))).toBe(expected);
    }
  });

  it('R6, B32: keeps what two writers have of one session, each exchange once', () => {
    const sessions = fold([told(copy(1, 's1', [x, y])), told(copy(2, 's1', [x, y, z]))], contents);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ writers: [writer(1), writer(2)], forked: false });
    expect(prompts(sessions)).toEqual([x, y, z].map(contentOf));
    expect(sessions[0]?.exchanges[0]?.versions[0]?.writers).toEqual([writer(1), writer(2)]);
  });

  it('R6: orders what two writers added to one session by the time of the prompts, behind what they share', () => {
    const early = state(exchange('early'), 'early', 1, '2026-01-01T00:00:00.000Z');
    const late = state(exchange('late'), 'late', 1, '2026-01-03T00:00:00.000Z');
    const sessions = fold([told(copy(1, 's1', [x, late])), told(copy(2, 's1', [x, early]))], contents);
    expect(prompts(sessions)).toEqual([x, early, late].map(contentOf));
  });

  it('puts what one store has forgotten before what it still has', () => {
    const sessions = fold([told(copy(1, 's1', [z, w])), told(copy(2, 's1', [x, y, z]))], contents);
    expect(prompts(sessions)).toEqual([x, y, z, w].map(contentOf));
  });

  it('B07: keeps both contents of one exchange that contradict each other, and says so', () => {
    const other = state(x.id, 'another', 3);
    const sessions = fold([told(copy(1, 's1', [x, y])), told(copy(2, 's1', [other]))], contents);
    expect(sessions[0]?.forked).toBe(true);
    expect(sessions[0]?.exchanges[0]?.versions).toEqual(
      [
        { content: contentOf(other), writers: [writer(2)] },
        { content: contentOf(x), writers: [writer(1)] },
      ].sort((a, b) => (a.content < b.content ? -1 : 1)),
    );
    expect(sessions[0]?.exchanges[1]?.versions).toHaveLength(1);
  });

  it('takes the longer state of an exchange that grew, which is no fork', () => {
    const grown = state(x.id, 'x', 3);
    for (const order of [
      [x, grown],
      [grown, x],
    ]) {
      const sessions = fold(
        order.map((one, index) => told(copy(index + 1, 's1', [one]))),
        contents,
      );
      expect(sessions[0]?.forked).toBe(false);
      expect(prompts(sessions)).toEqual([contentOf(grown)]);
    }
  });

  it('takes one of two states that differ in what is known at the end only', () => {
    const ended = { ...x, endedAt: '2026-01-02T03:04:06.000Z' };
    const sessions = fold([told(copy(1, 's1', [x])), told(copy(2, 's1', [ended]))], contents);
    expect(sessions[0]?.exchanges[0]?.versions).toHaveLength(1);
  });

  it('R10, B29: keeps the order of exchanges and statements whatever the clocks said', () => {
    const times = [
      '2036-01-01',
      '2016-01-01',
      '1970-01-01',
      '9999-12-31',
      '2026-03-29T02:30:00',
      '2016-12-31T23:59:59.999',
    ]
      .concat('2026-10-25T02:30:00', '1970-01-01T00:00:00.001', '2026-01-02', '2026-01-01', '2000-02-29', '2038-01-19')
      .map((text) => new Date(Math.max(1, Date.parse(text.length > 10 ? `${text}Z` : text))).toISOString());
    expect(times).toHaveLength(12);
    const states = times.map((time, index) => state(exchange(`skewed ${index}`), `${index}`, 1, time));
    const merged = fold([told(copy(1, 's1', states)), told(copy(2, 's1', states.slice(0, 7)))], contents);
    expect(prompts(merged)).toEqual(states.map(contentOf));
    const titles = times.map((time, index) => said(index + 1, 1, { kind: 'title', value: `${index}` }, { at: time }));
    expect(fold([told(copy(1, 's1', [x])), ...titles.reverse()], contents)[0]?.title).toBe('11');
  });

  it('hangs sub-agents under their parent across writers, and shows parents that go in a circle', () => {
    const child = copy(2, 'child', [y], { parent: sessionId('s1') });
    const circle = [copy(1, 'a', [z], { parent: sessionId('b') }), copy(2, 'b', [w], { parent: sessionId('a') })];
    const sessions = fold([
      told(child, ...circle),
      told(copy(1, 's1', [x], { createdAt: '2026-02-01T00:00:00.000Z' })),
    ]);
    expect(sessions.map(({ meta: { id } }) => id)).toEqual(['s1', 'child', 'a', 'b']);
  });

  it('lets the last of the titles, the last word on hiding, and the last on each tag count', () => {
    const sessions = fold([
      told(copy(1, 's1', [x])),
      said(3, 1, { kind: 'title', value: 'third' }),
      said(2, 2, { kind: 'title', value: 'second' }),
      said(3, 2, { kind: 'hidden', value: true }),
      said(1, 1, { kind: 'hidden', value: false }),
      said(4, 1, { kind: 'tag', tag: 'b', value: true }),
      said(5, 1, { kind: 'tag', tag: 'a', value: true }),
      said(6, 1, { kind: 'tag', tag: 'b', value: false }),
      said(7, 1, { kind: 'title', value: 'of the exchange' }, { exchange: x.id }),
    ]);
    expect(sessions[0]).toMatchObject({ title: 'third', hidden: true, tags: ['a'] });
    expect(sessions[0]?.exchanges[0]).toMatchObject({ title: 'of the exchange', hidden: false });
    expect(fold([told(copy(1, 's1', [x])), said(1, 1, { kind: 'title', value: null })])[0]?.title).toBeUndefined();
  });

  it('leaves out what is deleted: under any session, grown or not, with its sub-agents', () => {
    const grown = state(x.id, 'x', 3);
    const gone: Statement = { kind: 'deleted', exchanges: [x.id], content: [] };
    const trees = [told(copy(1, 's1', [x, y]), copy(2, 'copy of s1', [grown, z]), copy(2, 'only x', [x]))];
    const one = fold([...trees, said(1, 3, gone, { exchange: x.id })], contents);
    expect(one.map(({ meta: { id } }) => id)).toEqual(['copy of s1', 's1']);
    expect(prompts(one)).toEqual([z, y].map(contentOf));
    const child = told(copy(1, 'child', [w], { parent: sessionId('s1') }));
    const whole = fold([...trees, child, said(1, 3, gone)], contents);
    expect(whole.map(({ meta: { id } }) => id)).toEqual(['copy of s1']);
  });

  it('B30: passes over a statement from too far ahead, and what comes after it', () => {
    const far = said(2 ** 20 + 2, 2, { kind: 'title', value: 'far' });
    const trees = [told(copy(1, 's1', [x])), said(1, 1, { kind: 'title', value: 'near' }), far];
    expect(fold(trees)[0]?.title).toBe('near');
    expect(fold([...trees, { copies: [], annotations: [], clocks: [9] }])[0]?.title).toBe('far');
  });

  it('hides what hangs under a hidden session', () => {
    const child = told(copy(1, 'child', [w], { parent: sessionId('s1') }));
    const sessions = fold([told(copy(1, 's1', [x])), child, said(1, 1, { kind: 'hidden', value: true })]);
    expect(sessions.map(({ hidden }) => hidden)).toEqual([true, true]);
  });
});
