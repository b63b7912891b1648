/** Gives turns by name: whoever takes one waits for those who took it before. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Does the work when it is its turn; its failure is the caller's alone. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(name);
    const mine = (async () => {
      await before?.catch(() => {});
      return work();
    })();
    this.last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(name) === mine) this.last.delete(name);
    }
  }
}
