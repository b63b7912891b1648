/** Numbers that a double holds exactly, and a small number for each. */
export class NumberMap {
  private keys = new Float64Array(1024);
  /** 0 marks a free place, so every value is kept one higher. */
  private values = new Int32Array(1024);
  private count = 0;

  has(key: number): boolean {
    return this.values[this.place(key)] !== 0;
  }

  get(key: number): number | undefined {
    const kept = this.values[this.place(key)] ?? 0;
    return kept === 0 ? undefined : kept - 1;
  }

  /** `value`: a whole number from 0 up. */
  set(key: number, value: number): void {
    if (this.count * 2 >= this.keys.length) this.grow();
    const place = this.place(key);
    if (this.values[place] === 0) this.count++;
    this.keys[place] = key;
    this.values[place] = value + 1;
  }

  /** Where a key is, or the free place where it belongs. */
  private place(key: number): number {
    const last = this.keys.length - 1;
    // The keys are beginnings of random ids: their lower bits are as good as a hash.
    let place = (key % 4_294_967_291) & last;
    while (this.values[place] !== 0 && this.keys[place] !== key) place = (place + 1) & last;
    return place;
  }

  private grow(): void {
    const [keys, values] = [this.keys, this.values];
    this.keys = new Float64Array(keys.length * 2);
    this.values = new Int32Array(values.length * 2);
    this.count = 0;
    for (const [index, value] of values.entries()) if (value !== 0) this.set(keys[index] ?? 0, value - 1);
  }
}
