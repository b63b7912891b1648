import * as z from 'zod';
import { SpecstoryError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { format } from '../core/layout.ts';
import type { Redacted } from '../core/redacted.ts';
import { type SessionMeta, sessionMetaSchema, usageSchema } from '../core/session.ts';
import { oneLine, printable } from '../core/text.ts';
import { vouch } from '../core/vouch.ts';
import { readContents, renderContents } from './contents.ts';
import { exchangeEntrySchema } from './exchange-entry.ts';
import { readFrontmatter, writeFrontmatter } from './frontmatter.ts';

const countSchema = z.int().min(0);

const rawSchema = z.strictObject({
  bytes: countSchema,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  records: countSchema,
});

export const sessionFileSchema = z.strictObject({
  meta: sessionMetaSchema,
  name: z.string(),
  /** SpecStory's slug of the first prompt; may be empty. */
  slug: z.string(),
  exchanges: z.array(exchangeEntrySchema),
  /** Tokens by model. */
  usage: z.record(z.string(), usageSchema).optional(),
  /** The original records: how many, their bytes joined, and the hash of those. */
  raw: rawSchema.optional(),
});
/** What `session.md` holds. */
export type SessionFile = z.infer<typeof sessionFileSchema>;

/** What its frontmatter holds: everything but the table of contents, which is only counted. */
export type SessionHead = Omit<SessionFile, 'exchanges'> & { readonly count: number };

/** Characters of frontmatter; far more than any agent's metadata needs. */
const longestHead = 1 << 20;

/** The metadata has its keys in the order of the model, so that the same session gives the same bytes. */
const metaKeys = Object.keys(sessionMetaSchema.shape);

/** The session's own file: metadata, then a table of contents in which branches that were left are marked. */
export function renderSession(file: Redacted<SessionFile>): Redacted<string> {
  const { meta, name, slug, usage, raw, exchanges } = file;
  const values = new Map<string, unknown>(Object.entries(meta));
  const known = Object.fromEntries(metaKeys.map((key) => [key, values.get(key)]));
  const head = { format, ...known, name, slug, exchanges: exchanges.length, usage, raw };
  return vouch(writeFrontmatter(jsonOf(head), `\n${renderContents(name, exchanges)}`));
}

/** The values that are there, as JSON. */
function jsonOf(values: object): JsonObject {
  return JSON.parse(JSON.stringify(values));
}

/** The session in a file that `renderSession` wrote. Throws `unsupported` for everything else. */
export function parseSession(text: string): SessionFile {
  const { data, body } = readFrontmatter(text, longestHead);
  const { count, ...head } = headOf(data);
  const exchanges = readContents(body);
  if (exchanges.length !== count) throw unsupported(`contents of ${exchanges.length} exchanges, not ${count}`);
  return { ...head, exchanges };
}

/** The frontmatter of such a file; the rest is not looked at. */
export function parseSessionHead(text: string): SessionHead {
  return headOf(readFrontmatter(text, longestHead).data);
}

const headSchema = z.object({
  format: z.literal(format),
  name: z.string(),
  slug: z.string(),
  exchanges: countSchema,
  usage: sessionFileSchema.shape.usage,
  raw: sessionFileSchema.shape.raw,
});

function headOf(data: JsonObject): SessionHead {
  const head = headSchema.safeParse(data);
  const isNewer = typeof data.format === 'number' && data.format > format;
  if (!head.success) throw unsupported(isNewer ? `format ${data.format}, this program reads ${format}` : undefined);
  const named = Object.entries(data).filter(([key]) => metaKeys.includes(key));
  const meta = sessionMetaSchema.safeParse(Object.fromEntries(named));
  if (!meta.success) throw unsupported(`${meta.error.issues[0]?.message} at ${meta.error.issues[0]?.path.join('.')}`);
  const { name, slug, exchanges: count, usage, raw } = head.data;
  return { meta: meta.data, name, slug, count, ...(usage ? { usage } : {}), ...(raw ? { raw } : {}) };
}

function unsupported(what = 'no frontmatter with format, id, agent, name and number of exchanges'): SpecstoryError {
  return new SpecstoryError('unsupported', `session file: ${what}`, {
    hint: 'it was changed by hand or written in a newer format',
  });
}

/**
 * The name a session is shown under: its title, or else the first words of its first prompt without tags, or else agent
 * and time. One line, at most 100 characters.
 */
export function sessionName(meta: SessionMeta, firstPrompt: string): string {
  const words = printable(firstPrompt.slice(0, 4096)).replace(/<([a-zA-Z][\w-]*)[^>]*>[\s\S]*?<\/\1>/g, ' ');
  const time = meta.createdAt ? ` of ${meta.createdAt.slice(0, 10)} ${meta.createdAt.slice(11, 16)}Z` : '';
  return (
    oneLine(printable(meta.title ?? '')) ||
    oneLine(words) ||
    oneLine(printable(firstPrompt.slice(0, 4096))) ||
    `${meta.agent} session${time}`
  );
}
