import { nearest } from '../../core/nearest.ts';
import { type LocalTime, localTime, momentOf, mondayOf, weekday, type Zone } from './calendar.ts';

/** From a moment to another, which is excluded. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** What times in a search depend on. */
export interface Clock {
  readonly now: Date;
  /** Whose days are meant; UTC unless it is said. */
  readonly zone?: Zone;
  /** When a tag (`v1.4`) was made, where it is known. */
  readonly tagDate?: (tag: string) => Date | undefined;
}

const relative = ['now', 'today', 'yesterday', 'tomorrow'] as const;
const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const periods = ['hour', 'day', 'week', 'month', 'year'] as const;
type Period = (typeof periods)[number];
const words = [
  ...relative,
  ...days,
  ...['this', 'last'].flatMap((which) => periods.map((period) => `${which} ${period}`)),
];

/** `7d`, `2 weeks ago`, `-3mo`. Minutes and months both begin with an m, so that one letter is not enough. */
const ago = /^-?(\d{1,5}) ?(min(?:ute)?|h(?:our)?|d(?:ay)?|w(?:eek)?|mo(?:nth)?|y(?:ear)?)s?(?: ago)?$/;
const seconds: Readonly<Record<string, number>> = { min: 60, h: 3600, d: 86_400, w: 604_800 };
const iso =
  /^(\d{4})(?:-w(\d{2})|-(\d{2})(?:-(\d{2})(?:[t ](\d{2})(?::(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?(z|[+-]\d{2}(?::?\d{2})?)?)?)?)?$/;

/** Whether a value is a time, whenever it is asked. What is not may still be the name of a tag. */
export function isTime(value: string): boolean {
  return spanOf(value, new Date('2000-01-01T00:00:00Z'), 'UTC') !== undefined;
}

/** The time in words that is most like `value`, where it was probably meant. */
export function nearestTime(value: string): string | undefined {
  return nearest(value, words);
}

/**
 * What `before:`, `after:` and `on:` mean: from a moment to another, which is excluded; either may be open. `after:` begins where the time
 * begins (`after:yesterday` has yesterday in it), `before:` ends there. `undefined` for what is no time and no tag.
 */
export function timeBounds(side: 'before' | 'after' | 'on', value: string, clock: Clock): Partial<Span> | undefined {
  const span = spanOf(value, clock.now, clock.zone ?? 'UTC') ?? tagged(value, clock);
  if (!span || side === 'on') return span;
  return side === 'after' ? { from: span.from } : { to: span.from };
}

/** What to say of a value that is no time and no tag. */
export function timeProblem(value: string): string {
  return `"${value}" is neither a time nor a tag: 7d, yesterday, last week and 2026-01-31 are times`;
}

/** A tag begins when it was made, and lasts as long as that day. */
function tagged(value: string, { tagDate, zone = 'UTC' }: Clock): Span | undefined {
  const from = tagDate?.(value);
  if (!from) return undefined;
  const { year, month, day } = localTime(from, zone);
  return { from, to: momentOf({ year, month, day: day + 1 }, zone) };
}

function spanOf(value: string, now: Date, zone: Zone): Span | undefined {
  const text = value
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, ' ');
  const span = inWords(text, now, zone) ?? since(text, now, zone) ?? written(text, zone);
  return span && isDate(span.from) && isDate(span.to) ? span : undefined;
}

function isDate(moment: Date): boolean {
  return moment.getTime() >= 0 && moment.getTime() < 253_402_300_800_000;
}

function inWords(text: string, now: Date, zone: Zone): Span | undefined {
  const today = localTime(now, zone);
  if (text === 'now') return { from: now, to: now };
  if (text === 'today') return period('day', today, 0, zone);
  if (text === 'yesterday') return period('day', today, -1, zone);
  if (text === 'tomorrow') return period('day', today, 1, zone);
  const [, which, what = ''] = /^(?:(this|last) )?(\w+)$/.exec(text) ?? [];
  const named = periods.find((one) => one === what);
  if (named && which !== undefined) return period(named, today, which === 'last' ? -1 : 0, zone);
  if (!days.includes(what) || which === 'this') return undefined;
  const back = (weekday(today) - days.indexOf(what) + 7) % 7;
  return period('day', today, back === 0 && which === 'last' ? -7 : -back, zone);
}

/** The hour, day, week … that a time lies in, or one so many before or after it. */
function period(of: Period, { year, month, day, hour = 0 }: LocalTime, shift: number, zone: Zone): Span {
  const monday = day - weekday({ year, month, day });
  const start = (by: number): LocalTime => {
    if (of === 'year') return { year: year + by, month: 1, day: 1 };
    if (of === 'month') return { year, month: month + by, day: 1 };
    if (of === 'week') return { year, month, day: monday + 7 * by };
    return of === 'day' ? { year, month, day: day + by } : { year, month, day, hour: hour + by };
  };
  return { from: momentOf(start(shift), zone), to: momentOf(start(shift + 1), zone) };
}

/** From so long ago until now. */
function since(text: string, now: Date, zone: Zone): Span | undefined {
  const [, digits, unit = ''] = ago.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  const long = seconds[unit] ?? seconds[unit === 'minute' ? 'min' : unit.charAt(0)];
  if (long !== undefined) return { from: new Date(now.getTime() - number * long * 1000), to: now };
  const local = localTime(now, zone);
  const months = unit.startsWith('y') ? number * 12 : number;
  if (months > (local.year - 1970) * 12) return undefined;
  return { from: momentOf({ ...local, month: local.month - months }, zone), to: now };
}

/** ISO 8601, as exact as it is written: a year, a month, a week, a day, an hour, a minute, a second. */
function written(text: string, zone: Zone): Span | undefined {
  const found = iso.exec(text);
  if (!found) return undefined;
  const [year = 0, week, month, day, hour, minute, second] = found
    .slice(1, 8)
    .map((part) => (part === undefined ? undefined : Number(part)));
  if (week !== undefined) return week >= 1 && week <= 53 ? period('week', mondayOf(year, week), 0, zone) : undefined;
  const local = { year, month: month ?? 1, day: day ?? 1, hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0 };
  if (!exists(local)) return undefined;
  if (hour === undefined)
    return period(month === undefined ? 'year' : day === undefined ? 'month' : 'day', local, 0, zone);
  const from = momentAt(local, found[8], zone);
  const long = minute === undefined ? 3600 : second === undefined ? 60 : 1;
  return { from, to: new Date(from.getTime() + long * 1000) };
}

function momentAt(local: LocalTime, offset: string | undefined, zone: Zone): Date {
  if (offset === undefined) return momentOf(local, zone);
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  const ahead = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return new Date(momentOf(local, 'UTC').getTime() - ahead * 60_000);
}

/** Whether there is such a day and time: no 31 June, no 25 o'clock. */
function exists({ year, month, day, hour, minute, second }: Required<LocalTime>): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
}
