/** A bounded number of things at once. */
export class Slots {
  private free: number;

  constructor(most: number) {
    this.free = most;
  }

  /** Takes a slot and gives what gives it back, once; nothing when none is free. */
  take(): (() => void) | undefined {
    if (this.free === 0) return undefined;
    this.free--;
    let isHeld = true;
    return () => {
      if (isHeld) this.free++;
      isHeld = false;
    };
  }
}
