/**
 * Finds many words in one pass over a text (Aho-Corasick), ignoring the case of ASCII letters.
 * Characters that no word has share one class, and states are numbered by depth, so that what is used most lies close together.
 */
export class Keywords {
  /** Class of each code of `readCodes`; 0 for those in no word. */
  private readonly classes = new Uint8Array(256);
  private readonly shift: number;
  /** Next state by (state << shift) | class. */
  private readonly next: Uint16Array | Uint32Array;
  /** 1 for states in which a word ends, and the words. */
  private readonly ending: Uint8Array;
  private readonly ends: (readonly number[] | undefined)[] = [];
  private readonly lengths: readonly number[];
  private readonly longest: number;

  /** `words` in lower case, ASCII only, none empty. */
  constructor(words: readonly string[]) {
    let count = 1;
    for (const word of words) {
      for (let at = 0; at < word.length; at++) this.classes[word.charCodeAt(at)] ||= count++;
    }
    for (let code = 65; code <= 90; code++) this.classes[code] = this.classes[code + 32] ?? 0;
    this.shift = Math.ceil(Math.log2(count));
    this.lengths = words.map((word) => word.length);
    this.longest = Math.max(0, ...this.lengths);
    const size = words.reduce((sum, word) => sum + word.length, 1);
    this.next = size > 0xffff ? new Uint32Array(size << this.shift) : new Uint16Array(size << this.shift);
    this.ending = new Uint8Array(size);
    this.link(this.insert(words, size));
  }

  /**
   * Appends (start, word) pairs to `hits` for every occurrence that ends in [from, to) of `codes` (see `readCodes`), in order
   * of their ends. `offset` is added to every start.
   */
  find(codes: Uint8Array, from: number, to: number, offset: number, hits: number[]): void {
    const { classes, next, ending, shift } = this;
    let state = 0;
    for (let at = Math.max(0, from - this.overlap); at < to; at++) {
      state = next[(state << shift) | (classes[codes[at] ?? 0] ?? 0)] ?? 0;
      if (ending[state] === 1 && at >= from) this.report(state, offset + at + 1, hits);
    }
  }

  /** How far before a place the search must begin to find every word that ends there. */
  get overlap(): number {
    return Math.max(0, this.longest - 1);
  }

  lengthOf(word: number): number {
    return this.lengths[word] ?? 0;
  }

  private report(state: number, end: number, hits: number[]): void {
    for (const word of this.ends[state] ?? []) hits.push(end - this.lengthOf(word), word);
  }

  /** Enters all words, one letter of each at a time. */
  private insert(words: readonly string[], size: number): Trie {
    const trie = { states: 1, parents: new Uint32Array(size), kinds: new Uint8Array(size) };
    const reached = new Uint32Array(words.length);
    let left = words.map((_, index) => index);
    for (let depth = 0; left.length > 0; depth++) {
      left = left.filter((index) => {
        const word = words[index] ?? '';
        if (depth === word.length) this.ends[reached[index] ?? 0] = [index];
        else reached[index] = this.child(trie, reached[index] ?? 0, this.classes[word.charCodeAt(depth)] ?? 0);
        return depth < word.length;
      });
    }
    return trie;
  }

  private child(trie: Trie, parent: number, kind: number): number {
    const slot = (parent << this.shift) | kind;
    const known = this.next[slot] ?? 0;
    if (known !== 0) return known;
    const state = trie.states++;
    this.next[slot] = state;
    trie.parents[state] = parent;
    trie.kinds[state] = kind;
    return state;
  }

  /**
   * Gives every state the transitions of the longest suffix that begins a word, beside its own. Shallower states come first,
   * so the row of a suffix is whole when it is looked at.
   */
  private link({ states, parents, kinds }: Trie): void {
    const suffix = new Uint32Array(states);
    for (let state = 1; state < states; state++) {
      const [parent, kind] = [parents[state] ?? 0, kinds[state] ?? 0];
      const fallback = parent === 0 ? 0 : (this.next[((suffix[parent] ?? 0) << this.shift) | kind] ?? 0);
      suffix[state] = fallback;
      const inherited = this.ends[fallback];
      if (inherited) this.ends[state] = [...(this.ends[state] ?? []), ...inherited];
      if (this.ends[state]) this.ending[state] = 1;
      this.inherit(state, fallback);
    }
  }

  private inherit(state: number, fallback: number): void {
    const { next, shift } = this;
    const row = state << shift;
    for (let kind = 0; kind < 1 << shift; kind++)
      if (next[row | kind] === 0) next[row | kind] = next[(fallback << shift) | kind] ?? 0;
  }
}

/** The states of the words before they are linked: by state, its parent and the class of the letter that leads to it. */
interface Trie {
  states: number;
  readonly parents: Uint32Array;
  readonly kinds: Uint8Array;
}
