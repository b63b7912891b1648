/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string;
}
