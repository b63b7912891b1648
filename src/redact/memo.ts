/**
 * Remembers what was made of texts seen lately, in two generations of bounded size: an agent's record and the exchange
 * made of it hold the same texts.
 */
export class Memo<Value> {
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();
  private size = 0;
  private readonly limit: number;

  /** `limit`: characters of keys in one generation. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get(key: string): Value | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  /** A text that would take much of a generation is not remembered. */
  set(key: string, value: Value): void {
    if (key.length > this.limit / 4) return;
    if (this.size + key.length > this.limit) {
      this.old = this.young;
      this.young = new Map();
      this.size = 0;
    }
    this.size += key.length;
    this.young.set(key, value);
  }
}
