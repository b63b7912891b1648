import * as z from 'zod';
import { isWriterId, type SessionId, shard, type WriterId } from './ids.ts';
import { exchangeIdSchema, instantSchema, sessionIdSchema } from './session.ts';

const writerIdSchema = z.custom<WriterId>((value) => typeof value === 'string' && isWriterId(value), 'not a writer id');

/** How far a clock that came from elsewhere may be ahead of everything known here: further is an attack or a fault. */
export const furthestJump = 2 ** 20;

const statementSchema = z.discriminatedUnion('kind', [
  /** `null` takes a title back. */
  z.strictObject({ kind: z.literal('title'), value: z.string().min(1).max(200).nullable() }),
  z.strictObject({ kind: z.literal('hidden'), value: z.boolean() }),
  z.strictObject({ kind: z.literal('tag'), tag: z.string().min(1).max(64), value: z.boolean() }),
  /** For ever. `content` are the fingerprints of the exchanges that were deleted, so that no copy of them comes back under another name. */
  z.strictObject({ kind: z.literal('deleted'), content: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(100_000) }),
]);
export type Statement = z.infer<typeof statementSchema>;

/** An owner's later statement about a session, or about one exchange of it. One file each, never changed: docs/format.md, Annotations. */
export const annotationSchema = z.strictObject({
  format: z.literal(1),
  /** Logical time: greater than that of everything its writer knew. */
  lamport: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  writer: writerIdSchema,
  /** Number among the statements that the writer made at once. */
  n: z.int().min(0).max(999_999),
  at: instantSchema,
  session: sessionIdSchema,
  exchange: exchangeIdSchema.optional(),
  statement: statementSchema,
});
export type Annotation = z.infer<typeof annotationSchema>;

/** The path of an annotation in the tree of `history`. */
export function annotationPath({
  session,
  lamport,
  writer,
  n,
}: Pick<Annotation, 'session' | 'lamport' | 'writer' | 'n'>): string {
  return `annotations/${shard(session)}/${lamport}-${writer}-${n}.json`;
}

/** The total order in which annotations apply. */
export function compareAnnotations(a: Annotation, b: Annotation): number {
  return a.lamport - b.lamport || (a.writer < b.writer ? -1 : a.writer > b.writer ? 1 : a.n - b.n);
}

export type Target = { readonly session: SessionId; readonly exchange?: Annotation['exchange'] };
