import * as z from 'zod';
import { type Annotation, statementSchema } from '../../../core/annotation.ts';
import { parseJson } from '../../../core/json.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../../core/session.ts';
import { statementsOf } from '../../../core/statements.ts';
import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import type { Said } from '../../../search/search-index.ts';
import { annotationRowSchema } from '../index-rows.ts';
import { greatestCounting } from './index-rows.ts';

/** What was said in a project, as it applies. */
export function saidIn(database: StoreDatabase, project: string): Said {
  const greatest = greatestCounting(database, project);
  const sql = `SELECT writer, lamport, n, session, exchange, statement, at FROM annotations
    WHERE project = ? AND lamport <= ? AND statement IS NOT NULL`;
  const annotations = database.rows(sql, [project, greatest]).flatMap((row): Annotation[] => {
    if (!statementSchema.safeParse(parseJson(z.string().parse(row.statement))).success) return [];
    const { exchange, ...said } = annotationRowSchema.parse(row);
    return [{ format: 1, at: z.string().parse(row.at), ...said, ...(exchange === undefined ? {} : { exchange }) }];
  });
  const { labelled } = statementsOf(annotations, clocksOf(database, project));
  return { labelled, tombstones: deletedIn(database, project, greatest) };
}

function clocksOf(database: StoreDatabase, project: string): number[] {
  const rows = database.rows('SELECT lamport FROM annotations WHERE project = ?', [project]);
  return rows.map((row) => z.number().parse(row.lamport));
}

function deletedIn(database: StoreDatabase, project: string, greatest: number): Said['tombstones'] {
  const values = (kind: string): unknown[] =>
    database
      .rows('SELECT DISTINCT value FROM deletions WHERE project = ? AND kind = ? AND lamport <= ?', [
        project,
        kind,
        greatest,
      ])
      .map((row) => row.value);
  return {
    sessions: new Set(values('session').map((value) => sessionIdSchema.parse(value))),
    exchanges: new Set(values('exchange').map((value) => exchangeIdSchema.parse(value))),
    content: new Set(values('content').map((value) => z.string().parse(value))),
    parts: new Set(),
  };
}
