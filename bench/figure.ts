/** One figure and what it should be. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** At most this, or at least this when `atLeast`. */
  readonly reach: number;
  readonly atLeast?: boolean;
  readonly note?: string;
}

export type Scenario = () => Promise<Figure[]>;

export const MB = 1_000_000;
