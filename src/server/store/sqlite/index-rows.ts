import * as z from 'zod';
import type { WriterId } from '../../../core/ids.ts';
import { furthestJump } from '../../../core/lamport.ts';
import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import { parseCursor } from '../index-rows.ts';
import type { Cursor } from '../index-store.ts';

export function cursorOf(database: StoreDatabase, project: string, writer: WriterId): Cursor | undefined {
  const [row] = database.rows('SELECT * FROM cursors WHERE project = ? AND writer = ?', [project, writer]);
  return parseCursor(row);
}

/** As `greatestClock` (core/lamport.ts), over the annotations of a project, in steps that an index answers. */
export function greatestCounting(database: StoreDatabase, project: string): number {
  for (let greatest = 0; ; ) {
    const [row] = database.rows(
      'SELECT max(lamport) AS next FROM annotations WHERE project = ? AND lamport > ? AND lamport <= ?',
      [project, greatest, greatest + furthestJump],
    );
    const next = z.number().nullable().parse(row?.next);
    if (next === null) return greatest;
    greatest = next;
  }
}

/** Sessions that are deleted, by themselves or with one they hang under: `gone`. Takes the project and the greatest logical time that counts. */
export const goneSessions = `
  gone (session) AS (
    SELECT value FROM deletions WHERE project = ?1 AND kind = 'session' AND lamport <= ?2
    UNION
    SELECT s.session FROM gone JOIN sessions s ON s.project = ?1 AND s.parent = gone.session
  )`;

/** Whether an exchange `e` stands. */
export const standing = `
  NOT EXISTS (SELECT 1 FROM deletions d WHERE d.project = ?1 AND d.lamport <= ?2
    AND ((d.kind = 'content' AND d.value = e.fingerprint) OR (d.kind = 'exchange' AND d.value = e.exchange)))`;
