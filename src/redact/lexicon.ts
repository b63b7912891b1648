import { readCodes } from './codes.ts';
import { Keywords } from './keywords.ts';
import type { Detector } from './match.ts';

/** Detectors by their keywords: made once, shared by scanners. */
export class Lexicon {
  readonly keywords: Keywords;
  /** The detectors of each keyword, by its number. */
  readonly detectors: readonly (readonly Detector[])[];
  private readonly numbers: ReadonlyMap<string, number>;

  /** `marks` are keywords of window detectors. */
  constructor(detectors: readonly Detector[], marks: readonly string[] = []) {
    const byWord = new Map<string, Detector[]>(marks.map((word) => [word, []]));
    for (const detector of detectors) {
      for (const word of detector.keywords) {
        const others = byWord.get(word);
        if (others) others.push(detector);
        else byWord.set(word, [detector]);
      }
    }
    const words = [...byWord.keys()];
    this.keywords = new Keywords(words);
    this.detectors = [...byWord.values()];
    this.numbers = new Map(words.map((word, number) => [word, number]));
  }

  numberOf(word: string): number | undefined {
    return this.numbers.get(word);
  }

  /** Whether any keyword occurs in a text. */
  mentions(text: string): boolean {
    const hits: number[] = [];
    const codes = new Uint8Array(text.length);
    readCodes(text, 0, text.length, codes);
    this.keywords.find(codes, 0, codes.length, 0, hits);
    return hits.length > 0;
  }
}
