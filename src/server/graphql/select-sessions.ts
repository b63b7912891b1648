import * as z from 'zod';
import { Refusal } from '../refusal.ts';
import type { Membership } from '../store/account-store.ts';
import type { Asker, Known } from './asker.ts';
import {
  chooser,
  filtersSchema,
  type Order,
  orderKey,
  orderSchema,
  projectsWanted,
  sorted,
  textsIn,
} from './filters.ts';
import { queryLimits } from './limits.ts';

const lengthSchema = z.int().min(0).nullish();
const argumentsSchema = z.object({
  filters: filtersSchema,
  orderBy: orderSchema,
  limit: lengthSchema,
  first: lengthSchema,
  after: z.string().max(2000).nullish(),
});
/** As GraphQL gives them: what they are is checked here. */
export type SessionArguments = Readonly<Record<string, unknown>>;

/** A session and the project it is in. */
export interface Placed {
  readonly row: Membership;
  readonly known: Known;
}

export interface Selection {
  readonly page: readonly (Placed & { readonly cursor: string })[];
  readonly total: number;
  readonly isMore: boolean;
}

/** The sessions of some projects that are as asked for, in the order asked for, after a cursor. Throws `bad_request`. */
export async function sessionsOf(
  asker: Asker,
  rows: readonly Membership[],
  given: SessionArguments,
): Promise<Selection> {
  const { filters, orderBy, limit, first, after } = checked(argumentsSchema, given);
  const wanted = projectsWanted(filters);
  const isWanted = chooser(filters, Date.now());
  const found: (Placed & Pick<Known, 'session'>)[] = [];
  for (const row of rows) {
    if (wanted && !wanted.has(row.id)) continue;
    for (const known of await asker.sessions(row)) {
      if (isWanted(known.session, labelsOf(known))) found.push({ row, known, session: known.session });
    }
  }
  const all = sorted(found, orderBy).map((one) => ({ ...one, cursor: cursorOf(one.known, orderBy) }));
  const start = startOf(all, after ?? filters.cursor, orderBy);
  const length = Math.min(limit ?? first ?? 20, queryLimits.list);
  return { page: all.slice(start, start + length), total: all.length, isMore: start + length < all.length };
}

/** Tags that a client sent and those that were put on it since. */
export function labelsOf({ session, tags }: Known): string[] {
  return [...textsIn(session.metadata, 'tags'), ...tags];
}

/** Arguments by a schema. Throws `bad_request`. */
export function checked<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal('bad_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong value'}`);
}

function cursorOf({ session }: Known, order: Order): string {
  return Buffer.from(JSON.stringify([orderKey(session, order), session.session])).toString('base64url');
}

/** Behind the place that the cursor names, also when what stood there is gone. */
function startOf(all: readonly Placed[], cursor: string | null | undefined, order: Order): number {
  if (cursor == null || cursor === '') return 0;
  const [key, id] = placeIn(cursor);
  const isBefore = ({ known: { session } }: Placed): boolean => {
    const own = orderKey(session, order);
    const less = own < key || (own === key && session.session < id);
    return (own === key && session.session === id) || (order.direction === 'ASC' ? less : !less);
  };
  const start = all.findIndex((one) => !isBefore(one));
  return start < 0 ? all.length : start;
}

function placeIn(cursor: string): readonly [string, string] {
  try {
    return z.tuple([z.string(), z.string()]).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new Refusal('bad_request', 'this cursor was not given here', { cause });
  }
}
