import * as z from 'zod';
import { exchangeIdSchema, sessionIdSchema } from '../../core/session.ts';
import { printQuery } from '../../search/language/print.ts';
import { type Condition, fields } from '../../search/query.ts';
import { facetNames, type Hit, type HitGroup, type PartCount } from '../../search/search-index.ts';
import type { FoundInProjects } from './search-projects.ts';

const count = z.int().min(0);
const part = z.object({ part: z.string(), count, more: z.boolean().describe('there are more than `count`') });
const value = z.object({ value: z.string(), count });

/** `Condition`, with the fields of all kinds. */
interface Tree {
  readonly kind: Condition['kind'];
  readonly of?: Tree | readonly Tree[] | undefined;
}
const condition: z.ZodType<Tree, Tree> = z
  .object({
    kind: z.enum(['all', 'any', 'not', 'word', 'phrase', 'regex', 'filter', 'time', 'number']),
    get of() {
      return z.union([z.array(condition).readonly(), condition]).optional();
    },
    text: z.string().optional(),
    prefix: z.boolean().optional(),
    in: z.enum(fields).optional(),
    source: z.string().optional(),
    filter: z.string().optional(),
    value: z.string().optional(),
    side: z.enum(['before', 'after', 'on']).optional(),
    least: z.number().optional(),
    above: z.number().optional(),
    most: z.number().optional(),
    below: z.number().optional(),
  })
  .meta({ id: 'SearchCondition' });

const hit = z
  .object({
    project: z.string(),
    session: sessionIdSchema,
    exchange: exchangeIdSchema,
    ordinal: z.int(),
    url: z.string().describe('the exchange on its page'),
    at: z.string().nullable(),
    hidden: z.boolean(),
    snippet: z.object({
      field: z.enum(fields),
      label: z.string().describe('the field, for people'),
      is_code: z.boolean(),
      pieces: z
        .array(z.object({ text: z.string(), is_match: z.boolean() }))
        .describe('plain text: whoever shows it escapes it'),
    }),
    also_in: z.array(sessionIdSchema).describe('other sessions with a copy of it'),
  })
  .meta({ id: 'SearchHit' });

const group = z
  .object({
    key: z.string().describe('a session, a file, a day or an exchange, as the query groups'),
    title: z.string(),
    project: z.string(),
    agent: z.string(),
    branch: z.string().nullable(),
    author: z.string().nullable(),
    hits: z.array(hit).describe('the best three'),
    more: count.describe('of the group, beside those'),
  })
  .meta({ id: 'SearchGroup' });

/** What a search answers. */
export const searchReply = z.object({
  query: z.string().describe('as it was understood'),
  diagnostics: z.array(z.object({ message: z.string(), from: count, to: count })),
  total: count,
  more: z.boolean().describe('there are more than `total`'),
  results: z.array(group),
  relaxed: z
    .object({ query: z.string(), without: z.string() })
    .nullable()
    .describe('nothing has all of the query: `results` were found with a part left out'),
  parts: z.array(part).describe('what each part finds, when nothing has all of them'),
  facets: z.object(Object.fromEntries(facetNames.map((name) => [name, z.array(value)]))).nullable(),
  notes: z.array(z.string()),
  next_cursor: z.string().nullable(),
  explain: z
    .object({
      tree: condition.nullable(),
      parts: z.array(part),
      plan: z.array(z.object({ rows: count, ms: z.number() })),
      ms: z.number(),
    })
    .nullable(),
});

/** What was found, as the API says it. `server` is the address of the server. */
export function searchReplyOf(found: FoundInProjects, server: string): z.input<typeof searchReply> {
  const { query, diagnostics, result, explain } = found;
  const { relaxed } = result;
  return {
    query: printQuery(query),
    diagnostics: diagnostics.map(({ message, from, to }) => ({ message, from, to })),
    total: result.total.count,
    more: result.total.isMore,
    results: result.groups.map((one) => groupOf(found, one, server)),
    relaxed: relaxed ? { query: printQuery(relaxed.query), without: printed(relaxed.dropped) } : null,
    parts: result.parts.map(partOf),
    facets: facetsOf(found),
    notes: [...result.notes],
    next_cursor: result.next ?? null,
    explain: explain
      ? {
          tree: explain.query.where ?? null,
          parts: explain.parts.map(partOf),
          // What the steps say is about the inside of the index, which other projects are in as well.
          plan: explain.plan.map(({ rows, ms }) => ({ rows, ms })),
          ms: explain.ms,
        }
      : null,
  };
}

/** The page of a session, or of an exchange in it. */
export function permalink(server: string, project: string, session: string, exchange?: string): string {
  const page = `${server}/projects/${encodeURIComponent(project)}/sessions/${encodeURIComponent(session)}`;
  return exchange === undefined ? page : `${page}#x-${exchange}`;
}

/** What clients call a project that was searched. */
export function projectIdOf({ projects }: Pick<FoundInProjects, 'projects'>, key: string): string {
  return projects.get(key)?.id ?? '';
}

function groupOf(found: FoundInProjects, given: HitGroup, server: string): z.input<typeof group> {
  const { key, title, agent, branch = null, author = null, more } = given;
  const project = projectIdOf(found, given.project);
  return { key, title, project, agent, branch, author, more, hits: given.hits.map((one) => hitOf(found, one, server)) };
}

function hitOf(found: FoundInProjects, given: Hit, server: string): z.input<typeof hit> {
  const { session, exchange, ordinal, at = null, hidden, snippet, alsoIn } = given;
  const project = projectIdOf(found, given.project);
  const pieces = snippet.pieces.map(({ text, isMatch }) => ({ text, is_match: isMatch }));
  return {
    ...{ project, session, exchange, ordinal, at, hidden },
    url: permalink(server, project, session, exchange),
    snippet: { field: snippet.field, label: snippet.label, is_code: snippet.isCode, pieces },
    also_in: [...alsoIn],
  };
}

/** Counts by fact; nothing where none were asked for. */
export function facetsOf(found: FoundInProjects): z.input<typeof searchReply>['facets'] {
  const { facets } = found.result;
  if (facetNames.every((name) => facets[name].length === 0)) return null;
  const named = facetNames.map((name) => {
    const values = facets[name].map(({ value, count }) => ({
      value: name === 'project' ? projectIdOf(found, value) : value,
      count,
    }));
    return [name, values] as const;
  });
  return Object.fromEntries(named);
}

function partOf({ part, count, isMore }: PartCount): { part: string; count: number; more: boolean } {
  return { part: printed(part), count, more: isMore };
}

function printed(condition: Condition): string {
  return printQuery({ where: condition });
}
