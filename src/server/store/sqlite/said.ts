import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import type { Said } from '../../../search/search-index.ts';
import { saidOf } from '../searched.ts';
import { greatestCounting } from './index-rows.ts';

/** What was said in a project, as it applies. */
export function saidIn(database: StoreDatabase, project: string): Said {
  const greatest = greatestCounting(database, project);
  const annotations = `SELECT writer, lamport, n, session, exchange, statement, at FROM annotations
    WHERE project = ? AND lamport <= ? AND statement IS NOT NULL`;
  const deletions = 'SELECT DISTINCT kind, value FROM deletions WHERE project = ? AND lamport <= ?';
  return saidOf({
    annotations: database.rows(annotations, [project, greatest]),
    clocks: database.rows('SELECT lamport FROM annotations WHERE project = ?', [project]),
    deletions: database.rows(deletions, [project, greatest]),
  });
}
