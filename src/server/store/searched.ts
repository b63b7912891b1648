import * as z from 'zod';
import { type Annotation, statementSchema } from '../../core/annotation.ts';
import { parseJson } from '../../core/json.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../core/session.ts';
import { statementsOf } from '../../core/statements.ts';
import type { Said, SessionDocuments } from '../../search/search-index.ts';
import { annotationRowSchema } from './index-rows.ts';
import type { SessionChange } from './index-store.ts';

// What the search index is told of the rows of the index, by both databases.

type Rows = readonly Readonly<Record<string, unknown>>[];

/** What is read of a project to tell what was said in it. */
export interface SaidRows {
  /** Statements that count, with when they were said. */
  readonly annotations: Rows;
  /** `lamport` of all annotations. */
  readonly clocks: Rows;
  /** `kind` and `value` of deletions that count. */
  readonly deletions: Rows;
}

const deletionSchema = z.object({ kind: z.string(), value: z.string() });
const clockSchema = z.object({ lamport: z.number() });

/** What was said in a project, as it applies. */
export function saidOf({ annotations, clocks, deletions }: SaidRows): Said {
  const said = annotations.flatMap((row): Annotation[] => {
    if (!statementSchema.safeParse(parseJson(z.string().parse(row.statement))).success) return [];
    const { exchange, ...rest } = annotationRowSchema.parse(row);
    return [{ format: 1, at: z.string().parse(row.at), ...rest, ...(exchange === undefined ? {} : { exchange }) }];
  });
  const times = clocks.map((row) => clockSchema.parse(row).lamport);
  return { labelled: statementsOf(said, times).labelled, tombstones: tombstonesOf(deletions) };
}

function tombstonesOf(rows: Rows): Said['tombstones'] {
  const deletions = rows.map((row) => deletionSchema.parse(row));
  const values = (kind: string): string[] => deletions.flatMap((one) => (one.kind === kind ? [one.value] : []));
  return {
    sessions: new Set(values('session').map((value) => sessionIdSchema.parse(value))),
    exchanges: new Set(values('exchange').map((value) => exchangeIdSchema.parse(value))),
    content: new Set(values('content')),
    parts: new Set(),
  };
}

/** What is found of a session that was stored; nothing where it was not read for that. */
export function documentsIn({ found, drop }: Extract<SessionChange, { kind: 'stored' }>): SessionDocuments[] {
  return found ? [{ kind: 'stored', about: found.about, put: found.documents, drop }] : [];
}
