import { setTimeout as pause } from 'node:timers/promises';

/** Work of the same kind that came while some was going on is done together, once that is done. */
export class GroupCommit<Job, Outcome> {
  private readonly most: number;
  private readonly work: (key: string, jobs: readonly Job[]) => Promise<readonly Outcome[]>;
  private readonly waiting = new Map<string, Waiting<Job, Outcome>[]>();
  private readonly busy = new Set<string>();
  private readonly coming = new Map<string, number>();

  /** At most `most` jobs are done at once. `work` gives an outcome for each job, in their order. */
  constructor(most: number, work: (key: string, jobs: readonly Job[]) => Promise<readonly Outcome[]>) {
    this.most = most;
    this.work = work;
  }

  /** Makes a job ready that is added in the end: a batch waits for it, though not for long. What this gives is what `work` gives. */
  async expect<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.coming.set(key, (this.coming.get(key) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.coming.get(key) ?? 1) - 1;
      if (left > 0) this.coming.set(key, left);
      else this.coming.delete(key);
    }
  }

  /** What became of a job, done together with those that wait under the same key. What `work` throws, all of them hear. */
  add(key: string, job: Job): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(key) ?? [];
      this.waiting.set(key, queue);
      queue.push({ job, resolve, reject });
      if (!this.busy.has(key)) void this.run(key);
    });
  }

  private async run(key: string): Promise<void> {
    this.busy.add(key);
    let last = 1;
    for (let batch = await this.gathered(key, last); batch.length > 0; batch = await this.gathered(key, last)) {
      await this.settle(key, batch);
      last = batch.length;
    }
    this.busy.delete(key);
    this.waiting.delete(key);
  }

  /** Who sends many does so with several hands: those that were just answered come back in a moment, and go together. */
  private async gathered(key: string, last: number): Promise<Waiting<Job, Outcome>[]> {
    const queue = this.waiting.get(key) ?? [];
    const begin = performance.now();
    const patience = (): number => (this.coming.has(key) ? readying : queue.length < last ? moment : 0);
    do await pause(1);
    while (queue.length < this.most && performance.now() - begin < patience());
    return queue.splice(0, this.most);
  }

  private async settle(key: string, batch: readonly Waiting<Job, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.work(
        key,
        batch.map(({ job }) => job),
      );
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new RangeError('a job without an outcome'));
        else resolve(outcome);
      }
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    }
  }
}

/** Milliseconds that a batch waits for as many as came the last time. */
const moment = 50;
/** Milliseconds that it waits for jobs that are being made ready. */
const readying = 250;

interface Waiting<Job, Outcome> {
  readonly job: Job;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (thrown: unknown) => void;
}
