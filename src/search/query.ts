/** Where in an exchange a text stands. */
export const fields = ['prompt', 'answer', 'thinking', 'tool', 'output', 'diff', 'title'] as const;
export type Field = (typeof fields)[number];

/** Filters whose value is a text; what each means is in docs/search.md. */
export const textFilters = [
  'agent',
  'model',
  'project',
  'branch',
  'author',
  'file',
  'edited',
  'read',
  'cmd',
  'tool',
  'is',
  'has',
  'no',
  'commit',
  'pr',
  'issue',
  'tag',
  'session',
  'like',
] as const;
export type TextFilter = (typeof textFilters)[number];

export const numberFilters = ['cost', 'tokens', 'exchanges', 'duration'] as const;
export const sorts = ['relevance', 'newest', 'oldest', 'cost'] as const;
export const groups = ['session', 'file', 'day', 'none'] as const;
export type NumberFilter = (typeof numberFilters)[number];
export type Sort = (typeof sorts)[number];
export type Group = (typeof groups)[number];

/** What an exchange must be like. Times stay as they were typed (`7d`, `yesterday`): what they mean depends on when it is asked. */
export type Condition =
  /** Every one of two or more. */
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** A word as people write it, with one index term at least; `prefix` for `idempot*`. In any field unless `in` names one. */
  | { readonly kind: 'word'; readonly text: string; readonly prefix: boolean; readonly in?: Field }
  /** A text as it stands, whatever its case. */
  | { readonly kind: 'phrase'; readonly text: string; readonly in?: Field }
  /** An expression of RE2, whatever the case; see `language/pattern.ts`. */
  | { readonly kind: 'regex'; readonly source: string; readonly in?: Field }
  | { readonly kind: 'filter'; readonly filter: TextFilter; readonly value: string }
  | { readonly kind: 'time'; readonly side: 'before' | 'after' | 'on'; readonly value: string }
  | ({ readonly kind: 'number'; readonly filter: NumberFilter } & Bounds);

/** `least` and `most` are included, `above` and `below` are not. Cost in dollars, duration in seconds. */
export interface Bounds {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

/** A search, as it was understood. */
export interface Query {
  /** Nothing when every exchange is meant. */
  readonly where: Condition | undefined;
  /** Relevance where there are words, else the newest first, unless it was said. */
  readonly sort?: Sort | undefined;
  /** By session unless it was said. */
  readonly group?: Group | undefined;
  /** How many hits are wanted; the asker's own limit unless it was said. */
  readonly count?: number | undefined;
}

/** Something the parser noticed; the query holds without it. */
export interface Diagnostic {
  /** What, and what was probably meant. */
  readonly message: string;
  /** Where in the text: UTF-16 units, the end excluded. */
  readonly from: number;
  readonly to: number;
}
