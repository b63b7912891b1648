import type { PostgresDatabase } from '../../../src/server/store/postgres/database.ts';

const tables = ['sessions', 'documents', 'words', 'texts', 'terms', 'names', 'labels', 'deletions'];

/** Takes everything out of a search index. */
export async function emptySearch(database: PostgresDatabase): Promise<void> {
  await database.run(`TRUNCATE ${tables.map((table) => `search.${table}`).join(', ')}`);
}
