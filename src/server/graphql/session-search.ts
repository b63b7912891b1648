import type { Project } from '../access.ts';
import type { Filters } from './filters.ts';

/** What is searched for. */
export interface SessionSearchRequest {
  /** As a person types it: docs/search.md. */
  readonly query: string;
  /** Only sessions that are so. */
  readonly filters: Filters;
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

export interface FoundExchange {
  readonly id: string;
  readonly title: string;
  /** Plain text. */
  readonly snippet: string;
  readonly orderNumber: number;
  readonly matchedIn: string;
}

/** A session that was found. */
export interface FoundSession {
  /** Key of its project, which is one of those asked. */
  readonly project: string;
  readonly session: string;
  /** The best first. */
  readonly exchanges: readonly FoundExchange[];
}

export interface SessionSearchResult {
  readonly total: number;
  /** There are more than `total`. */
  readonly isMore: boolean;
  /** The best first. */
  readonly sessions: readonly FoundSession[];
  readonly next?: string | undefined;
  readonly facets: readonly {
    readonly name: string;
    readonly values: readonly { readonly value: string; readonly count: number }[];
  }[];
}

/** Finds sessions by what was said in them, in projects that the asker may read and nowhere else. */
export interface SessionSearch {
  search(projects: readonly Project[], request: SessionSearchRequest): Promise<SessionSearchResult>;
}
