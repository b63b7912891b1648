import * as z from 'zod';
import { statementSchema } from '../../../core/annotation.ts';
import type { Row } from '../../../core/host.ts';
import { isObjectId, isWriterId, type ObjectId, type WriterId } from '../../../core/ids.ts';
import { parseJson } from '../../../core/json.ts';
import { furthestJump } from '../../../core/lamport.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../../core/session.ts';
import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import type { Cursor } from '../index-store.ts';

export const writerSchema = z.custom<WriterId>((value) => typeof value === 'string' && isWriterId(value));
const oidSchema = z.custom<ObjectId>((value) => typeof value === 'string' && isObjectId(value));
const absent = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const cursorSchema = z
  .object({ ingested: absent(oidSchema), toward: absent(oidSchema), after: absent(z.string()) })
  .transform(
    ({ ingested, toward, after }): Cursor => ({
      ingested,
      ...(toward === undefined ? {} : { toward: { tip: toward, after: after ?? '' } }),
    }),
  );

export const sessionRowSchema = z
  .object({
    session: sessionIdSchema,
    writer: writerSchema,
    path: z.string(),
    head: z.string(),
    agent: z.string(),
    name: z.string(),
    created: absent(z.string()),
    updated: absent(z.string()),
    cwd: absent(z.string()),
    branch: absent(z.string()),
    parent: absent(sessionIdSchema),
    forked_from: absent(sessionIdSchema),
    count: z.number(),
  })
  .transform(({ forked_from, ...row }) => ({ ...row, forkedFrom: forked_from }));

export const exchangeRowSchema = z.object({
  exchange: exchangeIdSchema,
  ordinal: z.number(),
  oid: z.string(),
  fingerprint: z.string(),
  started: absent(z.string()),
});

export const annotationRowSchema = z.object({
  writer: writerSchema,
  lamport: z.number(),
  n: z.number(),
  session: sessionIdSchema,
  exchange: absent(exchangeIdSchema),
  statement: z.string().transform(parseJson).pipe(statementSchema),
});

/** The cursor in a row; nothing without one. */
export function parseCursor(row: Row | undefined): Cursor | undefined {
  return row && cursorSchema.parse(row);
}

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
