import type * as z from 'zod';
import { Refusal } from '../refusal.ts';
import type { ServerContext } from '../services.ts';

/** The parameters behind the path, by a schema of texts. One that is there twice counts once, by its first value. Throws `bad_request`. */
export function queryOf<T extends object>(context: ServerContext, schema: z.ZodType<T>): T {
  const result = schema.safeParse(context.req.query());
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refusal('bad_request', `${issue?.path.join('.') || 'the query'}: ${issue?.message ?? 'wrong value'}`);
}
