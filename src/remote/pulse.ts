interface Limits {
  /** Milliseconds without a byte in either direction. */
  readonly silence: number;
  readonly lowSpeed: { readonly bytes: number; readonly seconds: number } | undefined;
}

/** Watches over a connection while we wait for it, and says once when it is as good as dead. Our own work takes the time it takes. */
export class Pulse {
  private readonly dead: (why: string) => void;
  private readonly timer: NodeJS.Timeout;
  private readonly clock: NodeJS.Timeout | undefined;
  private isWaiting = true;
  private bytes = 0;
  private slowSeconds = 0;

  constructor({ silence, lowSpeed }: Limits, dead: (why: string) => void) {
    this.dead = dead;
    this.timer = setTimeout(() => this.isWaiting && dead(`no sign of life for ${seconds(silence)}`), silence);
    this.clock = lowSpeed && setInterval(() => this.measure(lowSpeed), 1000);
  }

  /** Bytes have moved. */
  beat(bytes: number): void {
    this.bytes += bytes;
    this.timer.refresh();
  }

  /** Nothing is asked of the connection for now: we have nothing to send. */
  rest(): void {
    this.isWaiting = false;
  }

  wait(): void {
    this.isWaiting = true;
    this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
    clearInterval(this.clock);
  }

  private measure({ bytes, seconds: longest }: { bytes: number; seconds: number }): void {
    this.slowSeconds = this.isWaiting && this.bytes < bytes ? this.slowSeconds + 1 : 0;
    this.bytes = 0;
    if (this.slowSeconds >= longest) this.dead(`slower than ${bytes} bytes a second for ${longest} s`);
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
