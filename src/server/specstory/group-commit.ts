/** Work of the same kind that came while some was going on is done together, once that is done. */
export class GroupCommit<Job, Outcome> {
  private readonly most: number;
  private readonly work: (key: string, jobs: readonly Job[]) => Promise<readonly Outcome[]>;
  private readonly waiting = new Map<string, Waiting<Job, Outcome>[]>();
  private readonly busy = new Set<string>();

  /** At most `most` jobs are done at once. `work` gives an outcome for each job, in their order. */
  constructor(most: number, work: (key: string, jobs: readonly Job[]) => Promise<readonly Outcome[]>) {
    this.most = most;
    this.work = work;
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
    // Those that arrive in the same moment go with the first.
    await new Promise(setImmediate);
    for (let batch = this.next(key); batch.length > 0; batch = this.next(key)) await this.settle(key, batch);
    this.busy.delete(key);
    this.waiting.delete(key);
  }

  private next(key: string): Waiting<Job, Outcome>[] {
    return this.waiting.get(key)?.splice(0, this.most) ?? [];
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

interface Waiting<Job, Outcome> {
  readonly job: Job;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (thrown: unknown) => void;
}
