import { parseQuery } from './language/parse.ts';
import type { Diagnostic, Query } from './query.ts';
import type { Page, Scope, SearchReader, SearchResult } from './search-index.ts';

/** What a search found, and how it was understood. */
export interface Answer {
  readonly query: Query;
  readonly diagnostics: readonly Diagnostic[];
  readonly result: SearchResult;
}

/** Searches for what somebody wrote. Any text is a search (`language/parse.ts`); throws `usage` only for a cursor that is none. */
export async function ask(reader: SearchReader, text: string, scope: Scope, page: Page, now: number): Promise<Answer> {
  const { query, diagnostics } = parseQuery(text);
  return { query, diagnostics, result: await reader.search(query, scope, page, now) };
}
