import type { Session } from './database.ts';

/** Columns by type; a row has them as fields of the same names. */
interface Columns {
  readonly text: readonly string[];
  readonly bigint: readonly string[];
}

/** The columns of the tables of the index, but for project and writer, which are the same for all rows of a step. */
const tables = {
  sessions: {
    text: [
      ...['session', 'path', 'head', 'agent', 'name', 'created', 'updated'],
      ...['cwd', 'branch', 'parent', 'forked_from'],
    ],
    bigint: ['count', 'number'],
  },
  exchanges: { text: ['session', 'exchange', 'oid', 'fingerprint', 'started'], bigint: ['ordinal', 'number'] },
  annotations: { text: ['path', 'session', 'exchange', 'statement', 'at'], bigint: ['lamport', 'n', 'number'] },
  deletions: { text: ['kind', 'value', 'path'], bigint: ['lamport'] },
  rejections: { text: ['path', 'session', 'code', 'reason', 'at'], bigint: [] },
} as const satisfies Record<string, Columns>;

/** A row of the index. A field that is absent is not known. */
export type IndexRow = Readonly<Record<string, string | number | null | undefined>>;

/**
 * Inserts rows of one project and writer into a table of the index by one statement. A row with the `key` of one that is there takes its place;
 * without a key it is left out. Of rows with the same key only one may be given.
 */
export async function insert(
  session: Session,
  table: keyof typeof tables,
  { project, writer }: { readonly project: string; readonly writer: string },
  rows: readonly IndexRow[],
  key?: readonly string[],
): Promise<void> {
  if (rows.length === 0) return;
  const { text, bigint }: Columns = tables[table];
  const names = [...text, ...bigint];
  const lists = names.map((_, at) => `$${at + 3}::${at < text.length ? 'text' : 'bigint'}[]`);
  const others = names.filter((name) => !key?.includes(name)).map((name) => `${name} = excluded.${name}`);
  const conflict = key ? `(${key.join(', ')}) DO UPDATE SET ${others.join(', ')}` : 'DO NOTHING';
  await session.run(
    `INSERT INTO index.${table} (project, writer, ${names.join(', ')})
      SELECT $1, $2, * FROM unnest(${lists.join(', ')}) ON CONFLICT ${conflict}`,
    [project, writer, ...names.map((name) => rows.map((row) => row[name] ?? null))],
  );
}
