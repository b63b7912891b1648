import { readCodes } from './codes.ts';
import type { Lexicon } from './lexicon.ts';
import type { Detector, Match, Report, RunDetector, WindowDetector } from './match.ts';
import { findRuns } from './runs.ts';

/** What a scanner looks with besides a lexicon. */
export interface Detectors {
  readonly runs: readonly RunDetector[];
  readonly windows: readonly WindowDetector[];
}

/** How long one chunk may take. `clock` gives milliseconds. */
export interface Budget {
  readonly ms: number;
  readonly clock: () => number;
}

const chunkSize = 8192;
/** How far before its end a chunk looks for a line end. */
const nearLine = 256;
/** The clock is read after so many keywords; each of them takes microseconds. */
const keywordsPerReading = 16;
/** A secret that begins in a chunk which is withheld may end this far behind it; a private key is longer. */
const reach = 4096;
const keyReach = 65_536;

/** Finds every match of its detectors in a text, chunk by chunk; a chunk that cannot be looked at in time, twice, is withheld. */
export class Scanner {
  private readonly lexicon: Lexicon;
  private readonly runDetectors: readonly RunDetector[];
  private readonly always: readonly WindowDetector[];
  /** The window detectors to ask where a keyword occurs, by its number. */
  private readonly marked: (readonly WindowDetector[] | undefined)[] = [];
  private readonly budget: Budget;
  /** The chunk and what stands before it. */
  private readonly codes: Uint8Array;
  private readonly hits: number[] = [];
  private readonly runs: number[] = [];
  private readonly asked = new Set<WindowDetector>();
  /** Where the last match of each detector ends: it is not asked again about the inside of its own match. */
  private readonly covered = new Map<Detector, number>();
  private matches: Match[] = [];
  private readonly report: Report = (match) => this.matches.push(match);

  constructor(lexicon: Lexicon, { runs, windows }: Detectors, budget: Budget) {
    this.lexicon = lexicon;
    this.runDetectors = runs;
    this.codes = new Uint8Array(chunkSize + 1 + lexicon.keywords.overlap);
    this.budget = budget;
    this.always = windows.filter(({ keywords }) => keywords === undefined);
    for (const window of windows) {
      for (const word of window.keywords ?? []) {
        const number = lexicon.numberOf(word);
        if (number !== undefined) this.marked[number] = [...(this.marked[number] ?? []), window];
      }
    }
  }

  /** Every match, in no particular order; they may overlap. Never throws. */
  scan(text: string): Match[] {
    this.matches = [];
    if (this.covered.size > 0) this.covered.clear();
    for (let from = 0, to = 0; from < text.length; from = to) {
      to = chunkEnd(text, from);
      if (this.tryChunk(text, from, to) || this.tryChunk(text, from, to)) continue;
      const end = wholeCharacter(text, Math.max(reachOf(text, from, to), this.runs.at(-1) ?? 0));
      const why = 'could not be checked in time';
      this.matches.push({ start: from, end, rule: 'redactor-timeout', layer: 'withheld', why });
    }
    return this.matches;
  }

  private tryChunk(text: string, from: number, to: number): boolean {
    try {
      return this.chunk(text, from, to);
    } catch {
      return false;
    }
  }

  /** Looks at one chunk; false when that took too long. */
  private chunk(text: string, from: number, to: number): boolean {
    const { hits, runs, always, asked } = this;
    // Most texts are short and have no keyword: emptying what is empty costs more than looking.
    if (hits.length > 0) hits.length = 0;
    if (runs.length > 0) runs.length = 0;
    if (asked.size > 0) asked.clear();
    const { keywords } = this.lexicon;
    const before = Math.min(from, keywords.overlap);
    readCodes(text, from - before, to, this.codes);
    keywords.find(this.codes, before, to - from + before, from - before, hits);
    if (this.runDetectors.length > 0) findRuns(this.codes, before, to - from + before, text, from - before, runs);
    if (hits.length + runs.length + always.length === 0) return true;
    const { clock, ms } = this.budget;
    const deadline = clock() + ms;
    for (let at = 0; at < hits.length; at += 2) {
      this.probe(text, hits[at] ?? 0, hits[at + 1] ?? 0);
      if (at % (2 * keywordsPerReading) === 0 && clock() > deadline) return false;
    }
    for (let at = 0; at < runs.length; at += 2) {
      for (const detect of this.runDetectors) detect(text, runs[at] ?? 0, runs[at + 1] ?? 0, this.report);
      if (at % (2 * keywordsPerReading) === 0 && clock() > deadline) return false;
    }
    for (const detectors of [always, asked]) {
      for (const detector of detectors) {
        detector.find(text, from, to, this.report);
        if (clock() > deadline) return false;
      }
    }
    return clock() <= deadline;
  }

  private probe(text: string, start: number, word: number): void {
    for (const window of this.marked[word] ?? []) this.asked.add(window);
    const end = start + this.lexicon.keywords.lengthOf(word);
    for (const detector of this.lexicon.detectors[word] ?? []) {
      if (start < (this.covered.get(detector) ?? 0)) continue;
      const before = this.matches.length;
      detector.probe(text, start, end, this.report);
      const found = this.matches.length > before ? this.matches.at(-1) : undefined;
      if (found) this.covered.set(detector, found.end);
    }
  }
}

/** The end of the chunk that begins at `from`: after a line end if one is near, and never inside a character. */
function chunkEnd(text: string, from: number): number {
  const end = from + chunkSize;
  if (end >= text.length) return text.length;
  for (let at = end; at > end - nearLine; at--) if (text.charCodeAt(at - 1) === 10) return at;
  return wholeCharacter(text, end);
}

/** Where the last secret that begins in [from, to) may end. */
function reachOf(text: string, from: number, to: number): number {
  return Math.min(text.length, to + (text.slice(from, to).includes('PRIVATE KEY') ? keyReach : reach));
}

function wholeCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}
