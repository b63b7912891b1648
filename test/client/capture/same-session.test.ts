import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capture } from '../../../src/client/capture/capture.ts';
import type { Context } from '../../../src/client/context.ts';
import { importFiles } from '../../../src/client/history/import.ts';
import { withHistory } from '../../../src/client/history/open-history.ts';
import { promptOf } from '../../../src/core/session.ts';
import { type Scratch, scratch } from '../../hosts/scratch.ts';
import { opened } from '../../hosts/writers.ts';
import type { Turn } from '../../sync/model/model.ts';
import { transcript } from '../../sync/model/transcript.ts';

const idOf = (number: number): string => `11111111-aaaa-4aaa-8aaa-${String(number).padStart(12, '0')}`;
const id = idOf(0);

/** Writes the transcript of an agent that works in a folder of the project. */
function plant(world: Scratch, folder: string, session: string, turns: readonly Turn[]): void {
  const project = folder.replace(/[^A-Za-z0-9]/g, '-');
  if (turns.length > 0) world.plant(`.claude/projects/${project}/${session}.jsonl`, transcript(folder, session, turns));
}

function turnsOf(agent: string, from: number, answers: readonly number[]): Turn[] {
  return answers.map((length, index) => turnOf(`${agent}${from + index}`, from + index, length));
}

function turnOf(name: string, minute: number, length: number): Turn {
  const answer = Array.from({ length }, (_, step) => `${name}.${step}`);
  return { name, at: Date.UTC(2026, 10, 20, 9, minute), answer };
}

/** Prompts and lengths of answers by session, as they are shown. */
async function shown(context: Context): Promise<Record<string, string[]>> {
  return withHistory(context, async (history) => {
    const all = history.sessions.map(async (listed) => {
      const exchanges = (await history.exchanges(listed)).map(({ exchange }) => exchange);
      const words = exchanges.map(({ messages }) => {
        return `${promptOf(messages)} ${messages.slice(1).flatMap(({ parts }) => parts).length}`;
      });
      return [listed.meta.id, words.sort()] as const;
    });
    return Object.fromEntries(await Promise.all(all));
  });
}

/** The names of the exchanges' files by session; fails unless each `session.md` tells of as many. */
async function files(context: Context): Promise<Record<string, string[]>> {
  return withHistory(context, async ({ trees }) => {
    const copies = trees.flatMap((tree) => tree.copies);
    for (const { head, entries } of copies) expect(head.count).toBe(entries.length);
    return Object.fromEntries(copies.map(({ meta, entries }) => [meta.id, entries.map((entry) => entry.id)]));
  });
}

const answers = fc.array(fc.nat(5), { maxLength: 3 });
const states = fc.record({ shared: answers, one: answers, two: answers, late: fc.nat(5), apart: fc.boolean() });

/** What the first agent has, and what the second one, who has an earlier state of what the two share last. */
function casesOf(drawn: readonly { shared: number[]; one: number[]; two: number[]; late: number; apart: boolean }[]) {
  return drawn.map(({ shared, one, two, late, apart }, number) => {
    const common = turnsOf(`${number}s`, 0, shared);
    const earlier = common.map((turn, at) =>
      at < common.length - 1 ? turn : turnOf(turn.name, at, Math.min(late, turn.answer.length)),
    );
    const [mine, theirs] = [turnsOf(`${number}a`, 10, one), turnsOf(`${number}b`, 20, two)];
    const [first, second, all] = [
      [...common, ...mine],
      [...earlier, ...theirs],
      [...common, ...mine, ...theirs],
    ];
    return { session: idOf(number), apart, first, second, all, late: turnOf(`${number}z`, 40, 1) };
  });
}

describe('R6: two agents in two working trees, with one session id', () => {
  it('are both kept, each exchange once and as long as it became, in 200 cases', { timeout: 240_000 }, async () => {
    const world = scratch();
    world.git('commit', '-q', '--allow-empty', '-m', 'one');
    const tree = `${world.repository}-second`;
    world.git('worktree', 'add', '-q', '--detach', tree);
    const context = await opened(world);
    const cases = casesOf(fc.sample(states, 200)).filter(({ all }) => all.length > 0);
    for (const { session, first } of cases) plant(world, world.repository, session, first);
    for (const { session, second } of cases.filter(({ apart }) => !apart)) plant(world, tree, session, second);
    expect((await capture(context)).failed).toEqual([]);
    for (const { session, second } of cases.filter(({ apart }) => apart)) plant(world, tree, session, second);
    expect((await capture(context)).failed).toEqual([]);
    const told = (turns: readonly Turn[]): string[] =>
      turns.map(({ name, answer }) => `${name} ${answer.length}`).sort();
    expect(await shown(context)).toEqual(Object.fromEntries(cases.map(({ session, all }) => [session, told(all)])));
    for (const { session, first, late } of cases) plant(world, world.repository, session, [...first, late]);
    const { captured, failed } = await capture(context);
    expect(failed).toEqual([]);
    expect(captured.filter(({ added }) => added === 1)).toHaveLength(cases.length);
    const found = await files(context);
    for (const { session, all } of cases) {
      expect(found[session]).toHaveLength(all.length + 1);
      expect(new Set(found[session]).size).toBe(all.length + 1);
    }
  });

  it('are both kept when they come from Markdown', async () => {
    const world = scratch();
    const context = await opened(world);
    const folder = join(world.home, 'files');
    mkdirSync(folder);
    const text = (...turns: string[]) =>
      [
        `<!-- Generated by SpecStory -->`,
        '',
        `<!-- Claude Code Session ${id} (2026-01-02 03:04:05Z) -->`,
        '',
        ...turns,
      ].join('\n');
    const turn = (minute: number, words: string) => `_**User (2026-01-02 03:0${minute}:05Z)**_\n\n${words}\n\n---\n`;
    const paths = [
      world.plant('files/one.md', text(turn(1, 'one'), turn(2, 'two'))),
      world.plant('files/two.md', text(turn(1, 'one'), turn(3, 'three'))),
    ];
    expect((await importFiles(context, paths)).failed).toEqual([]);
    expect((await files(context))[id]).toHaveLength(3);
  });
});
