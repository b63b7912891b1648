/**
 * One order for what several sequences name: each sequence's own order holds, and `compare` decides between what none of them orders.
 * Where two sequences contradict each other, `compare` decides as well. A function of the set of sequences, as long as `compare` never gives 0 for two items.
 * A sequence names no item twice.
 */
export function mergeOrder<T>(sequences: readonly (readonly T[])[], compare: (a: T, b: T) => number): T[] {
  const [only = [], ...others] = sequences;
  if (others.length === 0) return [...only];
  const merging = new Merging(sequences);
  const order: T[] = [];
  for (let next = merging.next(compare); next; next = merging.next(compare)) order.push(next.item);
  return order;
}

/** Sequences that are taken off from the front. */
class Merging<T> {
  private readonly sequences: readonly (readonly T[])[];
  private readonly heads: number[];
  private readonly taken = new Set<T>();
  /** In which sequences an item is, and where. */
  private readonly places = new Map<T, [sequence: number, place: number][]>();

  constructor(sequences: readonly (readonly T[])[]) {
    this.sequences = sequences;
    this.heads = sequences.map(() => 0);
    for (const [sequence, items] of sequences.entries()) {
      for (const [place, item] of items.entries()) {
        const places = this.places.get(item);
        if (places) places.push([sequence, place]);
        else this.places.set(item, [[sequence, place]]);
      }
    }
  }

  /** Takes the smallest of the heads that no sequence wants to have later; of all heads when there is none. Boxed, because an item may be anything. */
  next(compare: (a: T, b: T) => number): { item: T } | undefined {
    const heads = this.sequences.flatMap((items, sequence) => this.headOf(items, sequence));
    const free = heads.filter(({ item }) => this.isFree(item));
    const [first] = (free.length > 0 ? free : heads).sort((a, b) => compare(a.item, b.item));
    if (first) this.taken.add(first.item);
    return first;
  }

  private headOf(items: readonly T[], sequence: number): { item: T }[] {
    let head = this.heads[sequence] ?? 0;
    for (let item = items[head]; item !== undefined && this.taken.has(item); item = items[head]) head++;
    this.heads[sequence] = head;
    const item = items[head];
    return item === undefined ? [] : [{ item }];
  }

  private isFree(item: T): boolean {
    return (this.places.get(item) ?? []).every(([sequence, place]) => this.heads[sequence] === place);
  }
}
