import * as z from 'zod';
import { asText, type JsonObject } from '../../core/json.ts';
import { compareText, instant } from '../../core/text.ts';
import { Refusal } from '../refusal.ts';
import type { ListedSession } from '../specstory/listed-sessions.ts';

const text = z.string().max(1000);
const texts = z.array(text).max(100);

/** `SessionFilters`: one thing said in two ways is both. */
export const filtersSchema = z
  .object({
    projectId: text.nullish(),
    projectIds: texts.nullish(),
    clientName: text.nullish(),
    clientNames: texts.nullish(),
    agentName: text.nullish(),
    agentNames: texts.nullish(),
    deviceId: text.nullish(),
    deviceIds: texts.nullish(),
    gitBranches: texts.nullish(),
    llmModels: texts.nullish(),
    tags: texts.nullish(),
    startDate: text.nullish(),
    endDate: text.nullish(),
    dateRange: z.object({ start: text.nullish(), end: text.nullish() }).nullish(),
    timeFilter: text.nullish(),
    searchText: text.nullish(),
    cursor: text.nullish(),
  })
  .nullish()
  .transform((filters) => filters ?? {});
export type Filters = z.output<typeof filtersSchema>;

export const orderSchema = z
  .object({ field: z.enum(['CREATED_AT', 'UPDATED_AT', 'NAME']), direction: z.enum(['ASC', 'DESC']) })
  .nullish()
  .transform((order) => order ?? { field: 'UPDATED_AT' as const, direction: 'DESC' as const });
export type Order = z.output<typeof orderSchema>;

/** The ids of projects that are meant; nothing when all are. */
export function projectsWanted({ projectId, projectIds }: Filters): ReadonlySet<string> | undefined {
  const wanted = oneOrMore(projectId, projectIds);
  return wanted && new Set(wanted);
}

/** Whether a session is as asked for. Throws `bad_request` for a time that is none. */
export function chooser(filters: Filters, now: number): (session: ListedSession, tags: readonly string[]) => boolean {
  const { searchText } = filters;
  const { since, until } = timesOf(filters, now);
  const clients = lower(oneOrMore(filters.clientName, filters.clientNames));
  const agents = lower(oneOrMore(filters.agentName, filters.agentNames));
  const devices = lower(oneOrMore(filters.deviceId, filters.deviceIds));
  const branches = lower(filters.gitBranches ?? undefined);
  const models = lower(filters.llmModels ?? undefined);
  const labels = lower(filters.tags ?? undefined);
  const words = searchText?.toLowerCase();
  return ({ metadata, updated, name, title = '' }, tags) =>
    (since === undefined || updated >= since) &&
    (until === undefined || updated <= until) &&
    isAmong(clients, [asText(metadata.clientName) ?? '']) &&
    isAmong(agents, [asText(metadata.agentName) ?? '']) &&
    isAmong(devices, [asText(metadata.deviceId) ?? '']) &&
    isAmong(branches, textsIn(metadata, 'gitBranches')) &&
    isAmong(models, textsIn(metadata, 'llmModels')) &&
    isAmong(labels, tags) &&
    (words === undefined || `${name}\n${title}`.toLowerCase().includes(words));
}

/** The first and the last instant that are meant; absent where none was said. Throws `bad_request`. */
export function timesOf({ startDate, endDate, dateRange, timeFilter }: Filters, now: number) {
  const starts = [startDate, dateRange?.start].map(timeOf);
  return {
    since: latest([...starts, ago(timeFilter, now)]),
    until: earliest([endDate, dateRange?.end].map(timeOf)),
  };
}

/** Filters without those of time: when an exchange was is another question than when its session went on last. */
export function whenever(filters: Filters): Filters {
  return { ...filters, startDate: null, endDate: null, dateRange: null, timeFilter: null };
}

/** Texts of a list that a client said, whatever else is in it. */
export function textsIn(metadata: JsonObject, name: string): string[] {
  const value = metadata[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, 100) : [];
}

/** Sessions in an order that is total. */
export function sorted<T extends { readonly session: ListedSession }>(all: readonly T[], order: Order): T[] {
  const key = ({ session }: T): string => orderKey(session, order);
  const sign = order.direction === 'ASC' ? 1 : -1;
  return [...all].sort(
    (a, b) => sign * (compareText(key(a), key(b)) || compareText(a.session.session, b.session.session)),
  );
}

export function orderKey({ created, updated, name, title }: ListedSession, { field }: Order): string {
  if (field === 'NAME') return (title ?? name).toLowerCase();
  return field === 'CREATED_AT' ? created : updated;
}

function oneOrMore(one: string | null | undefined, more: readonly string[] | null | undefined): string[] | undefined {
  if (one == null && more == null) return undefined;
  return [...(one == null ? [] : [one]), ...(more ?? [])];
}

function lower(all: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return all && new Set(all.map((one) => one.toLowerCase()));
}

function isAmong(wanted: ReadonlySet<string> | undefined, values: readonly string[]): boolean {
  return wanted === undefined || values.some((value) => wanted.has(value.toLowerCase()));
}

function timeOf(said: string | null | undefined): string | undefined {
  if (said == null) return undefined;
  const time = instant(said);
  if (time === undefined) throw new Refusal('bad_request', `'${said.slice(0, 40)}' is no time`);
  return time;
}

const units = { h: 1, d: 24, w: 7 * 24, m: 30 * 24, y: 365 * 24 } as const;

function ago(said: string | null | undefined, now: number): string | undefined {
  if (said == null || said === '' || said === 'all') return undefined;
  const [, count = '', unit = ''] = /^(\d{1,4})([hdwmy])$/.exec(said) ?? [];
  const hours = Object.entries(units).find(([name]) => name === unit)?.[1];
  if (hours === undefined)
    throw new Refusal('bad_request', `timeFilter is as 24h, 7d, 4w, 6m or 1y, not '${said.slice(0, 40)}'`);
  return new Date(Math.max(0, now - Number(count) * hours * 3_600_000)).toISOString();
}

function latest(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  return times.filter((time) => time !== undefined).sort()[0];
}
