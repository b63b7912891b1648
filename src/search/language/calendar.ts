/** A moment on a calendar and a clock, without a time zone; a month from 1, and parts may lie beyond their ends (day 32, hour -1). */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
}

/** A place's time: the name of its zone (`Europe/Berlin`). */
export type Zone = string;

const formats = new Map<Zone, Intl.DateTimeFormat>();

/** What clocks and calendars of a zone show at a moment. Throws `RangeError` for a zone there is not. */
export function localTime(moment: Date, zone: Zone): Required<LocalTime> {
  const parts = Object.fromEntries(
    format(zone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second };
}

/** The moment at which a zone shows a time; where its clocks jumped over it, as if they had not yet. */
export function momentOf(local: LocalTime, zone: Zone): Date {
  const shown = utc(local);
  const guess = shown - offset(shown, zone);
  return new Date(shown - offset(guess, zone));
}

/** Days since Monday. */
export function weekday({ year, month, day }: LocalTime): number {
  return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
}

/** Monday of a week of ISO 8601: the first week is the one with 4 January in it. */
export function mondayOf(year: number, week: number): LocalTime {
  const fourth = { year, month: 1, day: 4 };
  return { ...fourth, day: 4 - weekday(fourth) + (week - 1) * 7 };
}

/** A time shown, as milliseconds as if it were UTC. */
function utc({ year, month, day, hour = 0, minute = 0, second = 0 }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function offset(moment: number, zone: Zone): number {
  return utc(localTime(new Date(moment), zone)) - Math.floor(moment / 1000) * 1000;
}

function format(zone: Zone): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const shown = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'gregory', hourCycle: 'h23', ...shown });
  formats.set(zone, made);
  return made;
}
