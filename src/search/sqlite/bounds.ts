import { timeBounds } from '../language/times.ts';
import type { Bounds, Condition } from '../query.ts';
import { states } from '../states.ts';
import type { RowCondition } from './candidates.ts';

/** Milliseconds since 1970, the end excluded. */
export interface Bound {
  readonly from: number;
  readonly to: number;
}

export const always: Bound = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** What a time means now; nothing at all for what is no time. */
export function timeSpan({ side, value }: Extract<Condition, { kind: 'time' }>, now: number): Bound {
  const bounds = timeBounds(side, value, { now: new Date(now) });
  if (!bounds) return { from: 0, to: 0 };
  return { from: bounds.from?.getTime() ?? always.from, to: bounds.to?.getTime() ?? always.to };
}

/** A part of a query that rows answer by themselves, as SQL. */
export function rowCondition(condition: Condition): RowCondition | undefined {
  if (condition.kind === 'filter' && condition.filter === 'is' && condition.value.trim().toLowerCase() === 'hidden')
    return { sql: 'd.state = ?', parameters: [states.hidden] };
  if (condition.kind !== 'number') return undefined;
  const columns = {
    tokens: 'd.tokens',
    duration: 'd.duration',
    cost: 'NULL',
    exchanges:
      '(SELECT s.count FROM search_sessions s WHERE s.project = d.project AND s.session = d.session AND s.writer = d.writer)',
  } as const;
  const signs = { least: '>=', above: '>', most: '<=', below: '<' } as const;
  const tests = Object.entries(signs).flatMap(([name, sign]) => {
    const value = boundOf(condition, name);
    return value === undefined ? [] : [{ sql: `${columns[condition.filter]} ${sign} ?`, value }];
  });
  return { sql: `(${tests.map(({ sql }) => sql).join(' AND ') || '1'})`, parameters: tests.map(({ value }) => value) };
}

function boundOf(bounds: Bounds, name: string): number | undefined {
  if (name === 'least') return bounds.least;
  if (name === 'above') return bounds.above;
  return name === 'most' ? bounds.most : bounds.below;
}
