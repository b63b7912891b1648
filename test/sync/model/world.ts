import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, vi } from 'vitest';
import { checkHost } from './check-host.ts';
import { Clone, refsIn } from './clone.ts';
import type { Host } from './host.ts';
import { Model } from './model.ts';
import { type Action, Plan } from './operations.ts';
import type { Stage } from './stage.ts';

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
    await checkHost(this.host, model.hosted());
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

  private clone(index: number): Clone {
    const found = this.clones[index];
    if (!found) throw new RangeError(`no clone ${index}`);
    return found;
  }
}
