/** A bounded number of things at once. A few more wait a little for their turn, so that a moment's crowd is not sent away. */
export class Slots {
  private free: number;
  private readonly waiting = new Set<() => void>();
  private readonly most: number;
  private readonly patience: number;

  /** `patience` is in milliseconds; as many as have a slot may wait, four times over. */
  constructor(most: number, patience: number) {
    this.free = most;
    this.most = most;
    this.patience = patience;
  }

  /** Takes a slot and gives what gives it back, once; nothing when none becomes free in time. */
  async take(): Promise<(() => void) | undefined> {
    if (this.free > 0) this.free--;
    else if (!(await this.turn())) return undefined;
    let isHeld = true;
    return () => {
      if (isHeld) this.leave();
      isHeld = false;
    };
  }

  private turn(): Promise<boolean> {
    if (this.waiting.size >= 4 * this.most) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (isTurn: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(next);
        resolve(isTurn);
      };
      const next = (): void => settle(true);
      const timer = setTimeout(() => settle(false), this.patience);
      this.waiting.add(next);
    });
  }

  /** Hands the slot to who waits longest. */
  private leave(): void {
    const [next] = this.waiting;
    if (next) next();
    else this.free++;
  }
}
