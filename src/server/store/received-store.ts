import * as z from 'zod';
import { isWriterId, type ObjectId, type SessionId, type WriterId } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { sessionIdSchema } from '../../core/session.ts';

/** Bytes of what a session is read as. */
export interface Sizes {
  readonly markdown: number;
  /** 0 when there is none. */
  readonly sessionData: number;
}

/** The same with the session. */
export type SessionSizes = Sizes & { readonly session: SessionId };

/** A session that SpecStory's clients sent: what `received.json` in the raw records says (docs/format.md). */
export interface ReceivedRow {
  readonly session: SessionId;
  /** Its folder in the tree of `raw`. */
  readonly path: string;
  /** The account that sent it. */
  readonly by: string;
  readonly name: string;
  /** What the client says of itself, as JSON. */
  readonly metadata: string;
  /** As they came, before anything was redacted: clients compare them with what they have. */
  readonly sizes: Sizes & { readonly rawData: number };
  /** Hex SHA-256 over what is kept. */
  readonly etag: string;
  /** Instants: when it came first and last, and what its exchanges say. */
  readonly created: string;
  readonly updated: string;
  readonly started?: string | undefined;
  readonly ended?: string | undefined;
}

/** How a session that is not read as it was received looks in SpecStory's forms. */
export interface Rendered {
  readonly session: SessionId;
  /** The state of the index it was made from. */
  readonly state: string;
  readonly sizes: Sizes;
  readonly etag: string;
  readonly started?: string | undefined;
  readonly ended?: string | undefined;
}

/** One step of what the raw records of the server's own writer tell. */
export interface ReceivedStep {
  readonly project: string;
  /** Where the cursor must be; absent when there must be none. */
  readonly from: ObjectId | undefined;
  readonly to: ObjectId;
  readonly put: readonly ReceivedRow[];
  /** Folders that are gone. */
  readonly gone: readonly string[];
}

/**
 * What SpecStory's clients sent and are told, beside the index and in the same database: made from the repositories, and can be made anew. What was deleted is
 * not given.
 */
export interface ReceivedStore {
  cursor(project: string): Promise<ObjectId | undefined>;
  /** All or nothing. Throws `conflict` when the cursor is not where it must be: somebody else took this in. */
  apply(step: ReceivedStep): Promise<void>;
  /** Takes all rows of a project away, so that they can be made anew. */
  clear(project: string): Promise<void>;

  /** Sessions of a project that were received, or the one named. */
  received(project: string, session?: SessionId): Promise<readonly ReceivedRow[]>;
  /** The same with their sizes only: what is asked of thousands at once. */
  sizes(project: string): Promise<readonly SessionSizes[]>;
  /** Sessions that were received, and deleted since: only what is to be tidied away is still there. */
  gone(project: string): Promise<readonly SessionId[]>;
  /** Of those that were received, the ones of which an exchange was deleted: what was received is not shown any more. */
  cut(project: string): Promise<readonly SessionId[]>;
  /** Sessions with exchanges that were not received, and those of `cut`, or the one named; with the state of the index. */
  others(
    project: string,
    cut: readonly SessionId[],
    session?: SessionId,
  ): Promise<readonly { readonly session: SessionId; readonly state: string }[]>;
  /** The writers that have a session, with the object ids of their `session.md`. */
  heads(project: string, session: SessionId): Promise<readonly { readonly writer: WriterId; readonly head: string }[]>;
  rendered(project: string): Promise<readonly Rendered[]>;
  /** Keeps what was rendered, in the place of what was kept before. */
  keep(project: string, rows: readonly Rendered[]): Promise<void>;
  /** The session that an id names: itself, or else one that differs by the case of letters only. */
  named(project: string, id: string): Promise<SessionId | undefined>;
  close(): Promise<void>;
}

const absent = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const sized = {
  markdown_bytes: z.number(),
  session_data_bytes: z.number(),
  etag: z.string(),
  session: sessionIdSchema,
};

/** Rows as both databases give them. */
export const receivedSchema = z
  .object({
    ...sized,
    path: z.string(),
    by_account: z.string(),
    name: z.string(),
    metadata: z.string(),
    raw_bytes: z.number(),
    created: z.string(),
    updated: z.string(),
    started: absent,
    ended: absent,
  })
  .transform(
    ({ markdown_bytes, session_data_bytes, raw_bytes, by_account, ...row }): ReceivedRow => ({
      ...row,
      by: by_account,
      sizes: { markdown: markdown_bytes, sessionData: session_data_bytes, rawData: raw_bytes },
    }),
  );
export const renderedSchema = z.object({ ...sized, state: z.string(), started: absent, ended: absent }).transform(
  ({ markdown_bytes, session_data_bytes, ...row }): Rendered => ({
    ...row,
    sizes: { markdown: markdown_bytes, sessionData: session_data_bytes },
  }),
);
export const sessionOf = (row: Readonly<Record<string, unknown>>): SessionId => sessionIdSchema.parse(row.session);
export const stateSchema = z
  .object({
    session: sessionIdSchema,
    exchanges: z.coerce.string(),
    numbers: z.coerce.string(),
    heads: z.coerce.string(),
  })
  .transform(({ session, exchanges, numbers, heads }) => ({ session, state: `${exchanges}.${numbers}.${heads}` }));

const sizesSchema = z.array(z.tuple([sessionIdSchema, z.number(), z.number()]));
/** The sizes of all sessions come as one JSON text: to read it costs a fraction of what as many rows do. */
export function sizesIn(row: Readonly<Record<string, unknown>> | undefined): SessionSizes[] {
  const found = sizesSchema.parse(parseJson(z.string().parse(row?.sizes)));
  return found.map(([session, markdown, sessionData]) => ({ session, markdown, sessionData }));
}
export const headSchema = z.object({
  writer: z.custom<WriterId>((value) => typeof value === 'string' && isWriterId(value)),
  head: z.string(),
});

/** The columns of a row in the order of `receivedValues`. */
export const receivedColumns = [
  ...['session', 'path', 'by_account', 'name', 'metadata', 'etag', 'created', 'updated', 'started', 'ended'],
  ...['markdown_bytes', 'session_data_bytes', 'raw_bytes'],
] as const;
export const receivedValues = (row: ReceivedRow): (string | number | null)[] => [
  ...[row.session, row.path, row.by, row.name, row.metadata, row.etag, row.created, row.updated],
  ...[row.started ?? null, row.ended ?? null, row.sizes.markdown, row.sizes.sessionData, row.sizes.rawData],
];
export const renderedColumns = [
  ...['session', 'state', 'etag', 'started', 'ended', 'markdown_bytes', 'session_data_bytes'],
] as const;
export const renderedValues = (row: Rendered): (string | number | null)[] => [
  ...[row.session, row.state, row.etag, row.started ?? null, row.ended ?? null],
  ...[row.sizes.markdown, row.sizes.sessionData],
];
