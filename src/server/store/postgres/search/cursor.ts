import * as z from 'zod';
import { SpecstoryError } from '../../../../core/errors.ts';
import { parseJson } from '../../../../core/json.ts';
import type { Sort } from '../../../../search/query.ts';
import { compareRanks, type Grouped, type Rank, type Ranked } from '../../../../search/ranking.ts';

const schema = z.tuple([z.string(), z.int(), z.int(), z.string()]);

/** Where the next page begins: behind this group. */
export function cursorAfter(group: Grouped<Ranked> | undefined, sort: Sort): string | undefined {
  const [best] = group?.hits ?? [];
  return group && best ? Buffer.from(JSON.stringify([sort, ...best.rank, group.key])).toString('base64url') : undefined;
}

/** Which groups a page shows. Throws `usage` for a cursor that is none, or one of another order. */
export function pageOf(
  cursor: string | undefined,
  sort: Sort,
): (groups: readonly Grouped<Ranked>[], limit: number) => { from: number; to: number } {
  const after = cursor === undefined ? undefined : read(cursor, sort);
  return (groups, limit) => {
    const from = after ? firstAfter(groups, after) : 0;
    return { from, to: Math.min(groups.length, from + limit) };
  };
}

/** Behind the group itself; where it is gone, at the first that comes after its place. */
function firstAfter(groups: readonly Grouped<Ranked>[], { rank, key }: { rank: Rank; key: string }): number {
  const at = groups.findIndex((group) => group.key === key);
  if (at >= 0) return at + 1;
  const next = groups.findIndex(({ hits: [best] }) => best !== undefined && compareRanks(best.rank, rank) > 0);
  return next < 0 ? groups.length : next;
}

function read(cursor: string, sort: Sort): { rank: Rank; key: string } {
  const value = schema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (value.success && value.data[0] === sort) return { rank: [value.data[1], value.data[2]], key: value.data[3] };
  throw new SpecstoryError('usage', 'the cursor is not one of this search', { hint: 'begin again without it' });
}
