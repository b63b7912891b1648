/** The layers of detection, the surest first: of two equally long matches the surer one names the placeholder. */
export const layers = [
  'known',
  'user',
  'key',
  'provider',
  'address',
  'header',
  'command',
  'assignment',
  'entropy',
] as const;
export type Layer = (typeof layers)[number] | 'withheld';

/** A stretch of text that must go. */
export interface Match {
  /** First character, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly layer: Layer;
  /** How it was recognised, for people; never the secret itself. */
  readonly why: string;
  /** It continues the match before it on another line, and leaves nothing behind. */
  readonly rest?: boolean;
}

export type Report = (match: Match) => void;

/** Looks at one place of a text, because one of its keywords stands there (ignoring case). */
export interface Detector {
  readonly keywords: readonly string[];
  probe(text: string, start: number, end: number, report: Report): void;
}

/** Looks at a run of at least twenty token characters. */
export type RunDetector = (text: string, start: number, end: number, report: Report) => void;

/** Looks at a stretch of text and a little around it: for what does not begin at a keyword. */
export interface WindowDetector {
  /** It is asked only where one of these occurs (in lower case); always when there are none. */
  readonly keywords?: readonly string[] | undefined;
  find(text: string, from: number, to: number, report: Report): void;
}

/** The plain detectors, for what comes out of a decoder: one level, so that nobody can make us dig for ever. */
export type Scan = (text: string) => readonly Match[];
