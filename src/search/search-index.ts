import type { ExchangeId, SessionId, WriterId } from '../core/ids.ts';
import type { Statements } from '../core/statements.ts';
import type { SearchDocument, SessionFacts } from './documents.ts';
import type { Condition, Field, Query } from './query.ts';

/** What became of one session in one writer's tree. */
export type SessionDocuments =
  /** Exchanges that are new or have another content, and those that are gone. */
  | {
      readonly kind: 'stored';
      readonly about: SessionFacts;
      readonly put: readonly SearchDocument[];
      readonly drop: readonly ExchangeId[];
    }
  /** Nothing of it is left. */
  | { readonly kind: 'gone'; readonly session: SessionId };

/** What is written at once. */
export interface SearchStep {
  readonly project: string;
  readonly writer: WriterId;
  readonly sessions: readonly SessionDocuments[];
}

/** A project that the asker may read. */
export interface ReadableProject {
  /** Its key in the index. */
  readonly key: string;
  /** What `project:` means by it: its id, names, addresses of remotes. */
  readonly names: readonly string[];
  /** Whether the asker may see what is hidden in it. */
  readonly hidden: boolean;
}

/** Whose search it is. Nothing outside of it is found, counted, or told apart from what is not there. */
export interface Scope {
  readonly projects: readonly ReadableProject[];
  /** What `author:@me` means. */
  readonly me: readonly string[];
}

export interface Page {
  /** Groups on a page: sessions, unless the query groups by something else. */
  readonly limit: number;
  /** `next` of the page before, of the same query. Throws `usage` for one that is none. */
  readonly cursor?: string | undefined;
  /** Hits of a group that are shown; 3 unless given. */
  readonly best?: number | undefined;
  /** Counts by fact are taken as well. */
  readonly facets?: boolean | undefined;
}

/** How many there are: that many, or more than that many when `isMore`. */
export interface Total {
  readonly count: number;
  readonly isMore: boolean;
}

/** A piece of a text: what was searched for, or what stands around it. Data, never markup. */
export interface SnippetPiece {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Where an exchange matched, in at most three lines. */
export interface Snippet {
  readonly field: Field;
  /** For people: `prompt`, `answer`, `ran`, `output`, `diff of src/a.ts`. */
  readonly label: string;
  /** Code, a command or its output: to be shown in a fixed pitch. */
  readonly isCode: boolean;
  readonly pieces: readonly SnippetPiece[];
}

/** An exchange that was found; of several copies the earliest. */
export interface Hit {
  readonly project: string;
  readonly session: SessionId;
  readonly writer: WriterId;
  readonly exchange: ExchangeId;
  readonly ordinal: number;
  /** ISO 8601; absent when it is not known. */
  readonly at: string | undefined;
  readonly hidden: boolean;
  readonly snippet: Snippet;
  /** Other readable sessions that have a copy of it. */
  readonly alsoIn: readonly SessionId[];
}

/** Hits that belong together: of a session, a file, a day, or one by itself. */
export interface HitGroup {
  /** The session's id, the file, the day (`2026-01-02`), or the exchange's id. */
  readonly key: string;
  readonly title: string;
  readonly agent: string;
  readonly branch: string | undefined;
  readonly author: string | undefined;
  readonly project: string;
  /** The best first. */
  readonly hits: readonly Hit[];
  /** More of the group than are shown. */
  readonly more: number;
}

export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

export const facetNames = ['project', 'agent', 'branch', 'author', 'month', 'has'] as const;
export type FacetName = (typeof facetNames)[number];

/** Exchanges by fact, the most first; over the hits that `total` counts. */
export type Facets = Readonly<Record<FacetName, readonly FacetValue[]>>;

/** A part of the query and how many exchanges it finds by itself. */
export interface PartCount extends Total {
  readonly part: Condition;
}

/** What was found instead of nothing. */
export interface Relaxed {
  /** The query that found it. */
  readonly query: Query;
  /** The part that was left out. */
  readonly dropped: Condition;
}

export interface Explain {
  readonly query: Query;
  /** What the index was asked. */
  readonly plan: readonly { readonly step: string; readonly rows: number; readonly ms: number }[];
  readonly parts: readonly PartCount[];
  readonly ms: number;
}

export interface SearchResult {
  readonly total: Total;
  readonly groups: readonly HitGroup[];
  /** The cursor of the next page, when there is one. */
  readonly next: string | undefined;
  /** Empty unless asked for. */
  readonly facets: Facets;
  /** What the asker should know: a filter with no such value, a bound that was reached. */
  readonly notes: readonly string[];
  /** Set when nothing has all of it: `groups` hold what was found with a part left out. */
  readonly relaxed: Relaxed | undefined;
  /** How many each part finds; when nothing was found. */
  readonly parts: readonly PartCount[];
}

/** What of statements bears on a search. */
export type Said = Pick<Statements, 'labelled' | 'tombstones'>;

/** Reads an index. */
export interface SearchReader {
  /**
   * What a query finds, in an order that is total and stays: by where it matched (title and prompt, then answer, then the rest) and then the newest
   * first, or as the query says. `now` is milliseconds since 1970.
   */
  search(query: Query, scope: Scope, page: Page, now: number): Promise<SearchResult>;
  /** The same search taken apart. */
  explain(query: Query, scope: Scope, now: number): Promise<Explain>;
}

/**
 * Exchanges by their words. An index over history that can be made anew from it at any time. What was deleted is never found, and what is hidden
 * only by those who may see it, whatever order exchanges and statements come in.
 */
export interface SearchIndex extends SearchReader {
  /** Writes one step, all or nothing. Doing it twice changes nothing. */
  apply(step: SearchStep): Promise<void>;
  /** What was said in a project, in place of what was said before. */
  state(project: string, statements: Said): Promise<void>;
  /** Takes all documents of a project, or of one writer in it, away; their bytes as well. Statements stay unless the whole project goes. */
  clear(project: string, writer?: WriterId): Promise<void>;
  close(): Promise<void>;
}
