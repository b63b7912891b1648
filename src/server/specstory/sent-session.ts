import * as z from 'zod';
import { type JsonObject, jsonObjectSchema, parseJson } from '../../core/json.ts';
import { type SessionData, sessionDataSchema } from '../../core/session-data.ts';
import { storable } from '../../core/text.ts';
import { readJson } from '../middleware/json-text.ts';
import { Refusal } from '../refusal.ts';
import { depthOf, topFields } from './top-fields.ts';

/** A session as a client of SpecStory sends it. */
export interface SentSession {
  readonly name: string;
  readonly projectName: string | undefined;
  readonly metadata: JsonObject;
  readonly markdown: string;
  /** The agent's own records as they are: lines of JSON, or one document. */
  readonly rawData: string;
  /** A document of its own in a text. */
  readonly sessionData: string | undefined;
  /** Bytes in UTF-8, as they came. */
  readonly sizes: { readonly markdown: number; readonly rawData: number; readonly sessionData: number };
}

/** Fields that may be as large as the body: they are decoded one by one. */
const documents = ['markdown', 'rawData', 'sessionData'] as const;
const fields = ['name', 'projectName', 'metadata'] as const;

const headSchema = z.object({
  name: z.string().max(1000).optional(),
  projectName: z.string().max(1000).nullish(),
  metadata: jsonObjectSchema.nullish(),
});

/** Bytes of everything but the documents. */
const largestHead = 1 << 20;

/**
 * Reads the body of a PUT. Fields that it does not know are passed over, as SpecStory's own server does. NUL and halves of surrogate pairs become
 * visible stand-ins. Throws `bad_request` with the field.
 */
export function readSent(bytes: Buffer, session: string): SentSession {
  const found = topFields(bytes);
  const { name, projectName, metadata } = head(found);
  const [markdown, rawData, sessionData] = documents.map((field) => textOf(field, found.get(field)));
  if (markdown === undefined) throw new Refusal('bad_request', 'markdown: a text is needed');
  return {
    name: name ?? session,
    projectName: projectName ?? undefined,
    metadata: metadata ?? {},
    markdown: storable(markdown),
    rawData: storable(rawData ?? ''),
    sessionData: sessionData === undefined || sessionData === '' ? undefined : storable(sessionData),
    sizes: { markdown: bytesOf(markdown), rawData: bytesOf(rawData), sessionData: bytesOf(sessionData) },
  };
}

function head(found: ReadonlyMap<string, Buffer>): z.infer<typeof headSchema> {
  const values = fields.flatMap((field) => {
    const value = found.get(field);
    if (value === undefined) return [];
    if (value.length > largestHead) throw new Refusal('bad_request', `${field}: more than ${largestHead} bytes`);
    return [[field, readJson(value)] as const];
  });
  const result = headSchema.safeParse(Object.fromEntries(values));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refusal('bad_request', `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'wrong value'}`);
}

function textOf(field: string, value: Buffer | undefined): string | undefined {
  if (value === undefined || value.equals(none)) return undefined;
  const text = value.length > longestText ? undefined : parseJson(value.toString('utf8'));
  if (typeof text === 'string') return text;
  throw new Refusal('bad_request', `${field}: a text is needed`);
}

const none = Buffer.from('null');
/** Characters that this program can hold in one text. */
const longestText = 0x1fffffe8;

const bytesOf = (text: string | undefined): number => Buffer.byteLength(text ?? '');

/** Deeper ones are of no agent. */
const deepest = 64;

/** The conversation in a SessionData document; nothing when it is not one. */
export function sessionDataIn({ sessionData }: Pick<SentSession, 'sessionData'>): SessionData | undefined {
  if (sessionData === undefined || depthOf(sessionData) > deepest) return undefined;
  return sessionDataSchema.safeParse(parseJson(sessionData)).data;
}
