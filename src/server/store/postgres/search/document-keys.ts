import * as z from 'zod';
import { SpecstoryError } from '../../../../core/errors.ts';
import { firstKey, perSecond } from '../../../../search/document-key.ts';
import type { Session } from '../database.ts';

const lowestSchema = z.object({ first: z.number(), doc: z.number().nullable() });

/** Keys that are free, in the order of the times given: those of one second downwards, so that of what came at once the first is found first. */
export async function takeKeys(session: Session, project: string, times: readonly number[]): Promise<number[]> {
  const firsts = [...new Set(times.map(firstKey))];
  const sql = `SELECT f.first, (SELECT min(d.doc) FROM search.documents d
      WHERE d.project = $1 AND d.doc >= f.first AND d.doc < f.first + ${perSecond}) AS doc
    FROM unnest($2::bigint[]) AS f (first)`;
  const rows = firsts.length === 0 ? [] : await session.rows(sql, [project, firsts]);
  const next = new Map(
    rows.map((row) => lowestSchema.parse(row)).map(({ first, doc }) => [first, doc ?? first + perSecond]),
  );
  return times.map((at) => {
    const key = (next.get(firstKey(at)) ?? 0) - 1;
    if (key < firstKey(at))
      throw new SpecstoryError('unsupported', 'more exchanges of one second than an index can hold');
    next.set(firstKey(at), key);
    return key;
  });
}
