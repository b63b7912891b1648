import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { claude } from '../../../src/adapters/claude/index.ts';
import { exchangeId, type WriterId } from '../../../src/core/ids.ts';
import { parseExchangeFile } from '../../../src/core/layout.ts';
import { git } from '../../git/repositories.ts';
import { Clone, refsIn, writerOf } from './clone.ts';
import type { Host } from './host.ts';
import { deletions, isSaid, latest, Model, seen } from './model.ts';
import { type Action, type Operation, operations, Plan } from './operations.ts';
import { uuidOf } from './transcript.ts';

/** What all runs of a file share. */
export interface Stage {
  /** A repository, and a bare one, to be copied: `git init` takes longer. */
  readonly template: string;
  readonly bare: string;
  /** A folder whose git kills whoever started it. */
  readonly fault: string;
  readonly folder: string;
}

export function makeStage(): Stage {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'specstory-model-')));
  const [template, bare, fault] = ['template', 'bare.git', 'fault'].map((name) => path.join(folder, name));
  if (!template || !bare || !fault) throw new RangeError('no names');
  git('/', 'init', '--quiet', '--template=', '--initial-branch=main', template);
  git(template, 'config', 'user.name', 'A Developer');
  git(template, 'config', 'user.email', 'developer@example.org');
  git(template, 'commit', '--quiet', '--allow-empty', '--message=first');
  git('/', 'clone', '--quiet', '--bare', '--template=', template, bare);
  mkdirSync(path.join(bare, 'hooks'));
  mkdirSync(fault);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const script = [
    '#!/bin/sh',
    'for word; do',
    '  if [ "$word" = "$STRIKE_AT" ]; then',
    `    [ "$STRIKE" = after ] && '${real}' "$@"`,
    '    kill -9 $PPID; exit 1',
    '  fi',
    'done',
    `exec '${real}' "$@"`,
  ];
  writeFileSync(path.join(fault, 'git'), `${script.join('\n')}\n`, { mode: 0o755 });
  return { template, bare, fault, folder };
}

export function removeStage({ folder }: Stage): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The clones and their host in one run, beside the model of them. */
export class World {
  readonly plan: Plan;
  readonly host: Host;
  private readonly clones: readonly Clone[];
  private readonly stage: Stage;
  private readonly folder: string;

  constructor(stage: Stage, count: number, hostIn: (folder: string) => Host) {
    this.stage = stage;
    this.folder = mkdtempSync(path.join(stage.folder, 'run-'));
    this.host = hostIn(this.folder);
    this.plan = new Plan(new Model(count));
    this.clones = Array.from(
      { length: count },
      (_, index) => new Clone(this.folder, index, stage.template, this.host.url),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Does it, and lets the model do it; whoever fetched or deleted must see what the model says. */
  async take(action: Action): Promise<void> {
    if (action.do === 'gc host') return this.host.gc();
    const model = this.plan.model;
    if (action.do === 'push') return this.push(action);
    vi.useFakeTimers({ toFake: ['Date'], now: this.plan.now(action.by) });
    try {
      await this.takeAlone(action);
    } finally {
      vi.useRealTimers();
    }
    if (action.do === 'fetch' || action.do === 'delete' || action.do === 'sync') {
      expect((await this.clone(action.by).view()).seen).toEqual(model.view(action.by));
    }
  }

  /** Everybody captures, sends and fetches until nothing moves any more; then all see the same, and it is what the model says. */
  async settle(): Promise<void> {
    const { model } = this.plan;
    const all = this.clones.map((_, index) => index);
    for (let round = 0; ; round++) {
      for (const by of all) await this.take({ do: 'capture', by });
      if (this.isQuiet()) break;
      expect(round).toBeLessThan(5);
      await this.take({ do: 'push', by: all });
      await Promise.all(all.map((by) => this.takeAlone({ do: 'fetch', by })));
    }
    expect(model.isQuiet()).toBe(true);
    const views = await Promise.all(this.clones.map((clone) => clone.view()));
    for (const [index, { seen: found, bytes }] of views.entries()) {
      expect(found).toEqual(model.view(index));
      expect(bytes).toBe(views[0]?.bytes);
    }
    this.checkTrees();
    await this.checkIndex();
    await Promise.all(this.clones.map((clone) => clone.check()));
  }

  /** Whether the host has what every clone has, and every clone what the host has. */
  private isQuiet(): boolean {
    const host = refsIn(this.host.folder, 'refs/specstory/writers');
    return this.clones.every((clone) => clone.isAt(host));
  }

  private async takeAlone(action: Exclude<Action, { do: 'push' | 'gc host' }>): Promise<void> {
    const { model } = this.plan;
    const clone = this.clone(action.by);
    const { by } = action;
    switch (action.do) {
      case 'write':
        model.writer(by).disk.set(action.session, [...action.turns]);
        return clone.write(action.session, action.turns, this.plan.now(by));
      case 'capture':
      case 'label':
      case 'delete':
        return this.change(clone, action);
      case 'fetch': {
        model.fetch(by, action.locked === undefined ? [] : [action.locked]);
        const outcome = await clone.fetch(action.locked);
        if (action.locked === undefined) expect(outcome).toBe('ok');
        return;
      }
      case 'sync':
        model.capture(by);
        model.push(by);
        model.fetch(by);
        if (this.host.hasBranches) return clone.sync();
        await clone.capture(undefined);
        expect(await clone.push()).toMatch(/^(?:ok|nothing)$/);
        expect(await clone.fetch(undefined)).toBe('ok');
        return;
      case 'forget':
        return clone.forget();
      default:
        return clone[action.do]();
    }
  }

  private async change(clone: Clone, action: Extract<Action, { do: 'capture' | 'label' | 'delete' }>): Promise<void> {
    const { model } = this.plan;
    if (action.crash) clone.crash(action, action.crash, this.stage.fault);
    if (action.crash?.startsWith('before')) return;
    if (action.do === 'capture') model.capture(action.by);
    else if (action.do === 'label') model.say(action.by, action.target, action.label);
    else model.delete(action.by, action.target);
    if (action.crash) return;
    if (action.do === 'capture') await clone.capture(action.during);
    else if (action.do === 'label') await clone.label(action.target, action.label);
    else await clone.delete(action.target);
  }

  private async push({ by, cut }: Extract<Action, { do: 'push' }>): Promise<void> {
    this.host.cut(cut);
    const outcomes = await Promise.all(by.map((index) => this.clone(index).push()));
    this.host.cut(undefined);
    if (cut === undefined) for (const outcome of outcomes) expect(['ok', 'nothing']).toContain(outcome);
    for (const index of cut === 'before' ? [] : by) this.plan.model.push(index);
  }

  /** Every exchange is in its writer's tree on the host exactly once; nothing was written that its writer knew to be deleted. */
  private checkTrees(): void {
    const logs = this.plan.model.hosted();
    const { gone, goneSessions } = deletions(logs.flat().filter(isSaid));
    for (const [index, log] of logs.entries()) {
      const found = exchangesIn(this.host.folder, writerOf(index));
      expect(new Set(found).size).toBe(found.length);
      const sessions = [...new Set(log.flatMap((entry) => (isSaid(entry) ? [] : entry.session)))];
      const saved = sessions.flatMap((session) => [...latest(log, session).keys()].map((name) => ({ session, name })));
      const standing = saved.filter(({ session, name }) => !gone.has(name) && !goneSessions.has(session));
      const names = (list: typeof saved): string[] => list.map(({ session, name }) => `${session} ${idOf(name)}`);
      expect(found).toEqual(expect.arrayContaining(names(standing)));
      expect(names(saved)).toEqual(expect.arrayContaining(found));
    }
  }

  private async checkIndex(): Promise<void> {
    const logs = this.plan.model.hosted();
    const sessions = [...new Set(logs.flat().map(({ session }) => session))].sort();
    const index = await this.host.index(sessions);
    if (!index) return;
    const { gone, goneSessions } = deletions(logs.flat().filter(isSaid));
    const expected = sessions
      .filter((session) => !goneSessions.has(session))
      .flatMap((session) =>
        logs.flatMap((log, writer) =>
          [...latest(log, session).keys()]
            .filter((name) => !gone.has(name))
            .map((name) => ({ writer: writerOf(writer), session, exchange: idOf(name) })),
        ),
      );
    expect(index.exchanges).toEqual(expected);
    expect([...new Set(index.listed)]).toEqual(seen(logs).map(({ session }) => session));
  }

  private clone(index: number): Clone {
    const found = this.clones[index];
    if (!found) throw new RangeError(`no clone ${index}`);
    return found;
  }
}

function exchangesIn(folder: string, writer: WriterId): string[] {
  const ref = `refs/specstory/writers/${writer}/history`;
  if (git(folder, 'for-each-ref', ref) === '') return [];
  const files = git(folder, 'ls-tree', '-r', '--name-only', ref).split('\n');
  return files.flatMap((file) => {
    const [, , session, , name = ''] = file.split('/');
    const parsed = parseExchangeFile(name);
    return parsed ? [`${session} ${parsed.id}`] : [];
  });
}

function idOf(name: string): string {
  return exchangeId(claude.id, { message: uuidOf(name) });
}

/** One operation as fast-check runs, shrinks and prints it. */
export class Step implements fc.AsyncCommand<Plan, World> {
  private readonly operation: Operation;

  constructor(operation: Operation) {
    this.operation = operation;
  }

  check(plan: Readonly<Plan>): boolean {
    return plan.isPossible(this.operation);
  }

  async run(plan: Plan, world: World): Promise<void> {
    for (const action of plan.take(this.operation)) await world.take(action);
  }

  toString(): string {
    return JSON.stringify(this.operation);
  }
}

/** Plays operations in a world of their own, and lets it settle. */
export async function play(world: World, steps: Iterable<Step>): Promise<void> {
  try {
    await fc.asyncModelRun(() => ({ model: world.plan, real: world }), steps);
    await world.settle();
  } finally {
    world.remove();
  }
}

export function stepsOf(operations: readonly Operation[]): Step[] {
  return operations.map((operation) => new Step(operation));
}

/** What once went wrong: the counterexample of a failure goes there. */
export const crashers: readonly Crasher[] = JSON.parse(
  readFileSync(new URL('./crashers.json', import.meta.url), 'utf8'),
);

interface Crasher {
  readonly what: string;
  readonly writers: number;
  readonly operations: readonly Operation[];
}

/** FC_RUNS draws more than usual, for at most SOAK_MINUTES. */
const minutes = Number(process.env.SOAK_MINUTES ?? 60);
export const limit = (minutes + 10) * 60_000;

/** Draws worlds and what is done in them; gives how many. */
export async function draw(worldOf: (writers: number) => World, usual: number): Promise<number> {
  const one = operations.map((arbitrary) => arbitrary.map((operation) => new Step(operation)));
  // Faults are found in short runs as well as in long ones, and short ones cost little.
  const steps = fc.oneof(...[20, 20, 60].map((maxCommands) => fc.commands(one, { maxCommands, size: 'max' })));
  const { seed = Math.floor(Math.random() * 2 ** 31), numRuns = usual } = fc.readConfigureGlobal() ?? {};
  const count = { runs: 0, operations: 0 };
  const started = performance.now();
  const property = fc.asyncProperty(fc.integer({ min: 3, max: 5 }), steps, async (writers, drawn) => {
    count.runs++;
    count.operations += [...drawn].length;
    await play(worldOf(writers), drawn as Iterable<Step>);
  });
  const bounds = { interruptAfterTimeLimit: minutes * 60_000, markInterruptAsFailure: false };
  try {
    await fc.assert(property, { numRuns, seed, ...bounds });
  } finally {
    const seconds = Math.round((performance.now() - started) / 1000);
    console.info(`seed ${seed}: ${count.runs} runs of ${count.operations} operations in ${seconds} s`);
  }
  return count.runs;
}
