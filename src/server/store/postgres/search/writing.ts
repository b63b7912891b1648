import type { PostgresDatabase, Session } from '../database.ts';
import { projectLexeme, quoted } from './lexemes.ts';

/** A transaction that changes what is found in one project; one at a time does. */
export function writing<T>(
  database: PostgresDatabase,
  project: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return database.inProject(project, async (session) => {
    await session.rows("SELECT set_config('specstory.wanted', $1, true), set_config('specstory.piece', '%', true)", [
      quoted(projectLexeme(project)),
    ]);
    await session.rows("SELECT pg_advisory_xact_lock(hashtext('specstory search'), hashtext($1))", [project]);
    return work(session);
  });
}

/**
 * PostgreSQL lays up what is new beside an index of words, and every search would read all of that: it is put where it belongs. What was written is
 * there already, so that a failure costs time and nothing else: PostgreSQL does it by itself before long.
 */
export async function settleIndexes(database: PostgresDatabase): Promise<void> {
  await database
    .rows(
      `SELECT gin_clean_pending_list(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE i.indrelid IN ('search.words'::regclass, 'search.terms'::regclass) AND a.amname = 'gin'`,
    )
    .catch(() => {});
}
