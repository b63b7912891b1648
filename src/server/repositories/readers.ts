/**
 * Who reads the repositories of this server, and which packs wait for them to end. `git pack-objects` remembers in which pack it found an object, and
 * fails when that one is gone by the time it writes; so what nobody needs from now on stays for those who began before.
 */
export class Readers {
  private readonly reading = new Map<string, Set<Promise<unknown>>>();
  private readonly packs = new Map<string, Set<string>>();

  /** Counts a reader of a repository, until what it gives is over. */
  async count<T extends { readonly over: Promise<unknown> }>(key: string, read: () => Promise<T>): Promise<T> {
    const begun = read();
    const end = begun.then(({ over }) => over);
    const all = this.reading.get(key) ?? new Set();
    this.reading.set(key, all.add(end));
    const forget = (): void => {
      all.delete(end);
    };
    end.then(forget, forget);
    return begun;
  }

  isRead(key: string): boolean {
    return (this.reading.get(key)?.size ?? 0) > 0;
  }

  /** Settles when all have ended who read now. */
  async gone(key: string): Promise<void> {
    await Promise.allSettled(this.reading.get(key) ?? []);
  }

  /** Packs that go once their readers are gone: whoever counts packs leaves them out. */
  leaving(key: string): ReadonlySet<string> {
    return this.packs.get(key) ?? new Set();
  }

  leave(key: string, names: Iterable<string>): void {
    this.packs.set(key, new Set([...this.leaving(key), ...names]));
  }

  /** Packs that are needed after all, or that went already; all that are leaving unless told. */
  stay(key: string, names: Iterable<string> = this.leaving(key)): void {
    for (const name of [...names]) this.packs.get(key)?.delete(name);
  }
}
