import * as z from 'zod';
import { statementSchema } from '../../core/annotation.ts';
import { isObjectId, isWriterId, type ObjectId, type WriterId } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../core/session.ts';
import type { Cursor, SessionRow } from './index-store.ts';

// Rows of the index as both databases give them.

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

/** An exchange together with the writer whose it is. */
export const writtenExchangeSchema = exchangeRowSchema.extend({ writer: writerSchema });
export const rejectionSchema = z.object({
  writer: writerSchema,
  session: z.string(),
  path: z.string(),
  code: z.string(),
  reason: z.string(),
  at: z.string(),
});

/** `statement` is the text of one. */
export const annotationRowSchema = z.object({
  writer: writerSchema,
  lamport: z.number(),
  n: z.number(),
  session: sessionIdSchema,
  exchange: absent(exchangeIdSchema),
  statement: z.string().transform(parseJson).pipe(statementSchema),
});

/** The cursor in a row; nothing without one. */
export function parseCursor(row: Readonly<Record<string, unknown>> | undefined): Cursor | undefined {
  return row && cursorSchema.parse(row);
}

export function isSameCursor(a: Cursor | undefined, b: Cursor | undefined): boolean {
  return a?.ingested === b?.ingested && a?.toward?.tip === b?.toward?.tip && a?.toward?.after === b?.toward?.after;
}

/** Sessions, and when the last of them changed, from the rows of all writers. */
export function summaryOf(rows: readonly Pick<SessionRow, 'session' | 'updated'>[]) {
  const times = rows.map(({ updated }) => updated ?? '').sort();
  return { sessions: new Set(rows.map(({ session }) => session)).size, updatedAt: times.at(-1) || undefined };
}
