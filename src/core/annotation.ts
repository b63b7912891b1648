import * as z from 'zod';
import { type ExchangeId, isWriterId, type SessionId, shard, type WriterId } from './ids.ts';
import { asObject, parseJson } from './json.ts';
import { isClock } from './lamport.ts';
import { exchangeIdSchema, instantSchema, sessionIdSchema } from './session.ts';
import { compareText, printable } from './text.ts';

const writerIdSchema = z.custom<WriterId>((value) => typeof value === 'string' && isWriterId(value), 'not a writer id');

/** Longest texts of titles and tags, in UTF-16 units. */
export const longest = { title: 200, tag: 64 } as const;

/** Exchanges that one statement can delete; more of them take several statements. */
export const mostDeleted = 10_000;

/** Bytes of a file; larger than any annotation that the schema lets pass. */
export const largestAnnotation = 2 << 20;

/** One line without what controls a terminal, and without space at its ends. */
function lineSchema(limit: number) {
  return z
    .string()
    .min(1)
    .max(limit)
    .refine((text) => text === printable(text).trim() && !/[\t\n\u2028\u2029]/.test(text), 'not a line of plain text')
    .refine((text) => text.isWellFormed(), 'half a surrogate');
}

export const statementSchema = z.discriminatedUnion('kind', [
  /** `null` takes a title back. */
  z.strictObject({ kind: z.literal('title'), value: lineSchema(longest.title).nullable() }),
  z.strictObject({ kind: z.literal('hidden'), value: z.boolean() }),
  z.strictObject({ kind: z.literal('tag'), tag: lineSchema(longest.tag), value: z.boolean() }),
  /**
   * For ever. Without an exchange, the session with all that it has or will have. In any session: the exchanges with these
   * ids (one that was still open grows under its id), and files with these fingerprints.
   */
  z.strictObject({
    kind: z.literal('deleted'),
    exchanges: z.array(exchangeIdSchema).max(mostDeleted),
    /** Hex SHA-256 of the bytes of exchange files. */
    content: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(mostDeleted),
  }),
]);
export type Statement = z.infer<typeof statementSchema>;

/** An owner's later statement about a session, or about one exchange of it. One file each, never changed: docs/format.md, Annotations. */
export const annotationSchema = z.strictObject({
  format: z.literal(1),
  /** Logical time: greater than that of everything its writer knew. */
  lamport: z.custom<number>(isClock, 'not a logical time'),
  writer: writerIdSchema,
  /** Number among the statements that the writer made at once. */
  n: z.int().min(0).max(999_999),
  /** For people; it orders nothing. */
  at: instantSchema,
  session: sessionIdSchema,
  exchange: exchangeIdSchema.optional(),
  statement: statementSchema,
});
export type Annotation = z.infer<typeof annotationSchema>;

/** What a statement is about. */
export interface Target {
  readonly session: SessionId;
  /** Absent when it is about the whole session. */
  readonly exchange?: ExchangeId | undefined;
}

/** The path of an annotation in the tree of `history`. */
export function annotationPath({
  session,
  lamport,
  writer,
  n,
}: Pick<Annotation, 'session' | 'lamport' | 'writer' | 'n'>): string {
  return `annotations/${shard(session)}/${lamport}-${writer}-${n}.json`;
}

/** What the name of an annotation's file says: a path of `annotationPath`, or the last part of one. */
export function parseAnnotationFile(
  name: string,
): { readonly lamport: number; readonly writer: WriterId; readonly n: number } | undefined {
  const match = /^(?:annotations\/[0-9a-f]{2}\/)?([1-9]\d{0,15})-([0-9a-f]{16})-(0|[1-9]\d{0,5})\.json$/.exec(name);
  const [lamport, writer = '', n] = [Number(match?.[1]), match?.[2], Number(match?.[3])];
  return isClock(lamport) && isWriterId(writer) ? { lamport, writer, n } : undefined;
}

/** Why a file is not taken for an annotation, in a word for programs. */
export type AnnotationFault = 'bad_clock' | 'bad_annotation';

/**
 * The annotation in a file of a writer's tree, or why it is none. `bad_clock`: it has no logical time, or another one than its name says.
 * `bad_annotation`: it is not what the schema says (a newer version may have written it), or belongs to another place or writer.
 */
export function parseAnnotation(path: string, text: string, writer: WriterId): Annotation | AnnotationFault {
  const value = parseJson(text);
  const { lamport } = asObject(value);
  if (!isClock(lamport) || parseAnnotationFile(path)?.lamport !== lamport) return 'bad_clock';
  const parsed = annotationSchema.safeParse(value);
  if (!parsed.success) return 'bad_annotation';
  return parsed.data.writer === writer && annotationPath(parsed.data) === path ? parsed.data : 'bad_annotation';
}

/** The total order in which annotations apply: (lamport, writer, n). Two that claim the same place are told apart by what they say. */
export function compareAnnotations(a: Annotation, b: Annotation): number {
  return (
    a.lamport - b.lamport || compareText(a.writer, b.writer) || a.n - b.n || compareText(canonical(a), canonical(b))
  );
}

function canonical({ at, session, exchange, statement }: Annotation): string {
  const entries = Object.entries(statement).sort(([a], [b]) => compareText(a, b));
  return JSON.stringify([session, exchange ?? null, at, entries]);
}
