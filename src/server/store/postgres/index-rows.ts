import { furthestJump } from '../../../core/lamport.ts';

/**
 * Begins a query. `counting`: the greatest logical time that counts, as `greatestClock` (core/lamport.ts), in steps that an index
 * answers. `gone`: sessions that are deleted, by themselves or with one they hang under.
 */
export const deleted = `WITH RECURSIVE
  steps (clock) AS (
    SELECT 0::bigint
    UNION ALL
    SELECT (SELECT max(a.lamport) FROM index.annotations a
      WHERE a.project = $1 AND a.lamport > steps.clock AND a.lamport <= steps.clock + ${furthestJump})
    FROM steps WHERE steps.clock IS NOT NULL
  ),
  counting (clock) AS (SELECT max(clock) FROM steps),
  gone (session) AS (
    SELECT value FROM index.deletions
      WHERE project = $1 AND kind = 'session' AND lamport <= (SELECT clock FROM counting)
    UNION
    SELECT s.session FROM gone JOIN index.sessions s ON s.project = $1 AND s.parent = gone.session
  )`;

/** Whether an exchange `e` stands. */
export const standing = `
  NOT EXISTS (SELECT 1 FROM index.deletions d WHERE d.project = $1 AND d.lamport <= (SELECT clock FROM counting)
    AND ((d.kind = 'content' AND d.value = e.fingerprint) OR (d.kind = 'exchange' AND d.value = e.exchange)))`;
