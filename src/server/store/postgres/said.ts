import type { Said } from '../../../search/search-index.ts';
import { saidOf } from '../searched.ts';
import type { Session } from './database.ts';
import { deleted } from './index-rows.ts';

/** What was said in a project, as it applies. */
export async function saidIn(session: Session, project: string): Promise<Said> {
  const counts = 'lamport <= (SELECT clock FROM counting)';
  const [annotations, clocks, deletions] = await Promise.all([
    session.rows(
      `${deleted} SELECT writer, lamport, n, session, exchange, statement, at FROM index.annotations
        WHERE project = $1 AND ${counts} AND statement IS NOT NULL`,
      [project],
    ),
    session.rows('SELECT lamport FROM index.annotations WHERE project = $1', [project]),
    session.rows(`${deleted} SELECT DISTINCT kind, value FROM index.deletions WHERE project = $1 AND ${counts}`, [
      project,
    ]),
  ]);
  return saidOf({ annotations, clocks, deletions });
}
