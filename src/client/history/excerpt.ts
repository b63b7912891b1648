import { SpecstoryError } from '../../core/errors.ts';
import type { Redacted } from '../../core/redacted.ts';
import { renderSection } from '../../markdown/document.ts';
import type { Context } from '../context.ts';
import { type Shown, withHistory } from './open-history.ts';
import { findSession, readWhole } from './query.ts';
import { aboutOf, isOpen, type SessionAbout } from './session-about.ts';
import { numberOf } from './show.ts';

export interface ExcerptOptions {
  /** A number, `3-7`, `3-`, or the beginning of an exchange's id; every exchange unless given. */
  readonly exchanges?: string | undefined;
  /** Where in the first exchange asked for it begins: characters (UTF-16 units) of its Markdown. */
  readonly from: number;
  /** At most so many characters of Markdown. */
  readonly limit: number;
}

/** What was left for another excerpt, in the options that ask for it. */
interface Rest {
  readonly exchanges: string;
  readonly from: number;
}

/** A part of a session that is not longer than asked for. */
export interface Excerpt {
  readonly about: Redacted<SessionAbout>;
  /** Markdown, one exchange behind the other, each under a heading with its number. */
  readonly text: string;
  /** Numbers of the exchanges that are in it; nothing when there are none. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Characters of the last exchange that is in it, when that was cut. */
  readonly cut: { readonly from: number; readonly to: number; readonly of: number } | undefined;
  readonly rest: Rest | undefined;
  /** Exchanges of the session that may be shown, the number of the last one, and how many are hidden. */
  readonly count: number;
  readonly end: number;
  readonly hidden: number;
  /** Parts of the history that could not be read. */
  readonly unread: number;
}

/**
 * A part of a session as Markdown, redacted by this machine's rules, without what is hidden. It ends with a whole exchange where one fits,
 * and says how to ask for what comes next. Throws `not-found`, and `usage` for exchanges that make no sense.
 */
export async function readExcerpt(context: Context, name: string, options: ExcerptOptions): Promise<Excerpt> {
  return withHistory(context, async (history) => {
    const { listed, shown } = await readWhole(
      history,
      findSession({ sessions: history.sessions.filter(isOpen) }, name),
    );
    const open = shown.filter(({ hidden }) => !hidden);
    const numbers = new Set(open.map(({ number }) => number));
    return {
      about: context.redactor.value(aboutOf(listed)),
      ...fill(context, chosenOf(open, options.exchanges), options),
      count: numbers.size,
      end: open.at(-1)?.number ?? 0,
      hidden: new Set(shown.filter(({ hidden }) => hidden).map(({ number }) => number)).size,
      unread: history.problems().filter(({ path }) => path.startsWith('exchange ')).length,
    };
  });
}

function chosenOf(shown: readonly Shown[], asked: string | undefined): Shown[] {
  if (asked === undefined) return [...shown];
  const [least, most] = numbersOf(shown, asked);
  const chosen = shown.filter(({ number }) => number >= least && number <= most);
  if (chosen.length > 0) return chosen;
  const ends = shown.length === 0 ? 'nothing' : `exchanges ${shown[0]?.number} to ${shown.at(-1)?.number}`;
  const hint = `it shows ${ends}; name one by its number or id, or several as 3-7`;
  throw new SpecstoryError('not-found', `the session shows no exchange '${asked}'`, { hint });
}

/** The first and the last number that are meant. */
function numbersOf(shown: readonly Shown[], asked: string): readonly [number, number] {
  const one = numberOf(shown, asked);
  if (one !== undefined) return [one, one];
  const range = /^(\d+)-(\d*)$/.exec(asked);
  const [, from = '', to = ''] = range ?? [];
  return range ? [Number(from), to === '' ? Number.POSITIVE_INFINITY : Number(to)] : [1, 0];
}

type Filled = Pick<Excerpt, 'text' | 'first' | 'last' | 'cut' | 'rest'>;

/** Only what fits is redacted and rendered. */
function fill(context: Context, chosen: readonly Shown[], { from, limit }: ExcerptOptions): Filled {
  const [first] = chosen;
  const end = chosen.at(-1)?.number ?? 0;
  const texts: string[] = [];
  let room = limit;
  for (const [index, { exchange, number }] of chosen.entries()) {
    const whole: string = renderSection(context.redactor.exchange(exchange), number);
    const start = index === 0 ? Math.min(from, whole.length) : 0;
    if (whole.length - start <= room) {
      texts.push(whole.slice(start));
      room -= whole.length - start;
      continue;
    }
    if (texts.length > 0)
      return { ...filled(texts, first, chosen[index - 1]), rest: { exchanges: `${number}-${end}`, from: 0 } };
    const to = unbroken(whole, start + room);
    const cut = { from: start, to, of: whole.length };
    const rest = { exchanges: `${number}-${end}`, from: to };
    return { ...filled([whole.slice(start, to)], first, first), cut, rest };
  }
  return filled(texts, first, chosen.at(-1));
}

function filled(texts: readonly string[], first: Shown | undefined, last: Shown | undefined): Filled {
  return { text: texts.join('\n'), first: first?.number, last: last?.number, cut: undefined, rest: undefined };
}

/** Not within a pair of surrogates. */
function unbroken(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
