/** What one git may use. Not on Windows, which has no `ulimit`. */
export interface Limits {
  /** Bytes of address space. */
  readonly memory: number;
  /** Seconds of processor time. */
  readonly cpu: number;
}
