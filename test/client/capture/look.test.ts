import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capture } from '../../../src/client/capture/capture.ts';
import { findSources } from '../../../src/client/capture/find-sources.ts';
import { openLook } from '../../../src/client/capture/open-look.ts';
import { CaptureState } from '../../../src/client/capture/state.ts';
import { writerOf } from '../../../src/client/capture/writer.ts';
import { openContext } from '../../../src/client/context.ts';
import { stopIgnoring } from '../../../src/client/history/ignore.ts';
import { claudeTranscript, type Scratch, scratch } from '../../hosts/scratch.ts';

async function open(world: Scratch) {
  const context = await openContext({ cwd: world.repository, env: world.env });
  await writerOf(context);
  return context;
}

/** Something that happens to an agent's store between two captures. */
type Step =
  | { readonly kind: 'begin' | 'begin sub-agent' | 'say' | 'remove' | 'date back'; readonly at: number }
  | { readonly kind: 'capture' | 'let an hour pass' }
  | { readonly kind: 'lose' | 'put back'; readonly file: (typeof memory)[number] };

/** What a capture remembers, in files of which a crash may leave some old and some new. */
const memory = ['resting', 'rested', 'sources'] as const;

/** Sessions and what is new in them since the last capture; the disk is a real one. */
class Store {
  readonly world = scratch();
  readonly paths = new Map<string, string>();
  readonly fresh = new Set<string>();
  private readonly folder = dirname(this.world.plantClaude('none', ''));
  private readonly turns = new Map<string, number>();
  private readonly older = new Map<string, string>();
  private clock = Date.now() / 1000 - 86_400;

  async take(step: Step): Promise<void> {
    const ids = [...this.paths.keys()];
    const id = 'at' in step ? ids[step.at % ids.length] : undefined;
    if (step.kind === 'begin') this.begin(sessionAt(step.at), `${sessionAt(step.at)}.jsonl`);
    else if (step.kind === 'begin sub-agent' && id && !id.includes('.')) {
      this.begin(`${id}.a${step.at}`, `${id}/subagents/agent-a${step.at}.jsonl`);
    } else if (step.kind === 'say' && id) this.say(id);
    else if (step.kind === 'remove' && id) this.remove(id);
    else if (step.kind === 'date back' && id) utimesSync(this.path(id), this.tick() - 1e6, this.tick() - 1e6);
    else if (step.kind === 'lose') rmSync(this.state(step.file), { force: true });
    else if (step.kind === 'put back') this.putBack(step.file);
    else if (step.kind === 'let an hour pass') this.agePast();
    else if (step.kind === 'capture') await this.capture();
  }

  async capture(): Promise<void> {
    for (const file of memory) {
      if (existsSync(this.state(file))) this.older.set(file, readFileSync(this.state(file), 'utf8'));
    }
    const report = await capture(await open(this.world), { awake: 1 });
    expect(report.failed).toEqual([]);
    expect(report.captured.map(({ session }) => session).sort()).toEqual([...this.fresh].sort());
    this.fresh.clear();
  }

  private begin(id: string, file: string): void {
    if (this.paths.has(id)) return;
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    this.paths.set(id, path);
    this.say(id);
    this.touch(path);
  }

  private say(id: string): void {
    const turn = (this.turns.get(id) ?? 0) + 1;
    this.turns.set(id, turn);
    const owner = id.split('.')[0] ?? '';
    const lines = claudeTranscript(this.world.repository, owner, turn, (each) => `${id} says ${each}`);
    appendFileSync(this.path(id), lines.slice(-5).join('').replaceAll(`"${owner}-`, `"${id}-`));
    this.fresh.add(id);
  }

  private remove(id: string): void {
    rmSync(this.path(id));
    this.touch(this.path(id));
    this.paths.delete(id);
    this.fresh.delete(id);
  }

  /** Gives the folders of a file that came or went a time of their own, long enough ago to be relied on. */
  private touch(path: string): void {
    for (let at = dirname(path); at.startsWith(this.folder); at = dirname(at)) utimesSync(at, this.tick(), this.clock);
  }

  private tick(): number {
    this.clock += 3;
    return this.clock;
  }

  private putBack(file: string): void {
    const text = this.older.get(file);
    if (text !== undefined) writeFileSync(this.state(file), text);
  }

  private agePast(): void {
    const list = this.state('resting');
    if (!existsSync(list)) return;
    const { made, ...rest } = JSON.parse(readFileSync(list, 'utf8'));
    writeFileSync(list, JSON.stringify({ ...rest, made: made - 3_600_001 }));
  }

  private path(id: string): string {
    return this.paths.get(id) ?? '';
  }

  private state(file: string): string {
    return join(this.world.repository, '.git/specstory/state', file);
  }
}

function sessionAt(number: number): string {
  return `5e551000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

const at = fc.nat({ max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin' as const), at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('say' as const), at }) },
  { weight: 5, arbitrary: fc.constant<Step>({ kind: 'capture' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin sub-agent' as const), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'date back' as const), at }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'let an hour pass' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('lose' as const, 'put back' as const),
      file: fc.constantFrom(...memory),
    }),
  },
);

describe('a look at the stores', () => {
  it('finds all that is new, and nothing else, in whatever order things rest, grow, come and go', {
    timeout: 120_000,
  }, async () => {
    let rested = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
        const store = new Store();
        for (let number = 0; number < 5; number++) await store.take({ kind: 'begin', at: number });
        await store.capture();
        for (const one of steps) await store.take(one);
        await store.capture();
        await store.capture();
        if (existsSync(join(store.world.repository, '.git/specstory/state/resting'))) rested++;
      }),
      { numRuns: 25 },
    );
    expect(rested).toBeGreaterThan(10);
  });

  it('passes over what rests, and counts it', async () => {
    const world = scratch();
    const paths = Array.from({ length: 9 }, (_, number) => plant(world, number));
    const first = await capture(await open(world), { awake: 2 });
    expect([first.captured.length, first.unchanged]).toEqual([9, 0]);
    expect(existsSync(join(world.repository, '.git/specstory/state/rested'))).toBe(true);
    const second = await capture(await open(world), { awake: 2 });
    expect([second.captured.length, second.unchanged]).toEqual([0, 9]);
    appendFileSync(paths[0] ?? '', claudeTranscript(world.repository, sessionAt(0), 2).slice(5).join(''));
    const third = await capture(await open(world), { awake: 2 });
    expect([third.captured.map(({ session }) => session), third.unchanged]).toEqual([[sessionAt(0)], 8]);
  });

  it('lets nothing rest that was not captured as it is', async () => {
    const world = scratch();
    const paths = Array.from({ length: 9 }, (_, number) => plant(world, number));
    const context = await open(world);
    const folder = context.place('state');
    const state = CaptureState.open(folder);
    const look = openLook(folder, Date.now(), 2);
    const found = findSources(context, state, { look }).found.map(({ source }) => source);
    for (const source of found.slice(1)) {
      await state.remember(source.path === paths[3] ? { ...source, version: 'an older one' } : source, []);
    }
    await look.settle(state, found);
    const next = findSources(context, state, { look: openLook(folder, Date.now(), 2) });
    const awake = [paths[0], paths[3], paths[7], paths[8]];
    expect(next.found.map(({ source }) => source.path)).toEqual(awake);
  });

  it('reads again what is no longer ignored, though it rests', async () => {
    const world = scratch();
    for (let number = 0; number < 9; number++) plant(world, number);
    const context = await open(world);
    writeFileSync(context.place('ignored'), `${sessionAt(0)}\n`);
    expect((await capture(context, { awake: 2 })).captured).toHaveLength(8);
    await stopIgnoring(await open(world), [sessionAt(0)]);
    const after = await capture(await open(world), { awake: 2 });
    expect(after.captured.map(({ session }) => session)).toEqual([sessionAt(0)]);
  });

  it('takes a damaged list for none', async () => {
    const world = scratch();
    for (let number = 0; number < 9; number++) plant(world, number);
    await capture(await open(world), { awake: 2 });
    const list = join(world.repository, '.git/specstory/state/resting');
    for (const text of ['', '{"made":', '{"made":9e15,"agents":{}}', '{"made":1,"agents":{"claude":[1]}}']) {
      writeFileSync(list, text);
      plant(world, 10 + text.length);
      expect((await capture(await open(world), { awake: 2 })).captured).toHaveLength(1);
    }
  });
});

/** Session `number` of a world, the older the smaller its number. */
function plant(world: Scratch, number: number): string {
  const id = sessionAt(number);
  const path = world.plantClaude(id, claudeTranscript(world.repository, id, 1).join(''));
  const time = Date.now() / 1000 - 1000 + number;
  utimesSync(path, time, time);
  return path;
}
