import { type Annotation, longest, type Statement } from '../../core/annotation.ts';
import { SpecstoryError } from '../../core/errors.ts';
import type { ExchangeId } from '../../core/ids.ts';
import { oneLine, printable, storable } from '../../core/text.ts';
import type { Redactor } from '../../redact/redactor.ts';
import type { Context } from '../context.ts';
import type { History, Listed, Shown } from '../history/open-history.ts';
import { findSession } from '../history/query.ts';
import { numberOf } from '../history/show.ts';
import { annotate, type Saying } from './annotate.ts';

/** A session and exchanges of it, as a person names them; without exchanges the session itself. */
export interface Named {
  readonly session: string;
  /** Numbers, or beginnings of ids. */
  readonly exchanges?: readonly string[];
}

/** A session and exchanges of it, found. */
export interface Chosen {
  readonly listed: Listed;
  readonly exchanges: readonly Shown[];
}

/** Finds what a person names. Throws `not-found` and `usage`. */
export async function choose(history: History, { session, exchanges = [] }: Named): Promise<Chosen> {
  const listed = findSession(history, session);
  if (exchanges.length === 0) return { listed, exchanges: [] };
  const shown = await history.exchanges(listed);
  const numbers = new Set(exchanges.map((name) => numberOf(shown, name) ?? missing(name, shown)));
  const found = [...numbers].flatMap((number) => shown.find((one) => one.number === number) ?? []);
  return { listed, exchanges: found };
}

function missing(name: string, shown: readonly Shown[]): never {
  const hint = `it has the exchanges 1 to ${shown.at(-1)?.number ?? 0}`;
  throw new SpecstoryError('not-found', `the session has no exchange '${name}'`, { hint });
}

/** Gives a session or an exchange a title; `undefined` takes it back. */
export async function setTitle(context: Context, named: Named, title: string | undefined): Promise<Annotation[]> {
  const value = title === undefined ? null : lineOf(context.redactor, title, longest.title);
  return label(context, named, (now) => ((now.title ?? null) === value ? [] : [{ kind: 'title', value }]));
}

/** Hides a session or exchanges from listings and shares, or shows them again. */
export async function setHidden(context: Context, named: Named, value: boolean): Promise<Annotation[]> {
  return label(context, named, (now) => (now.hidden === value ? [] : [{ kind: 'hidden', value }]));
}

/** Puts tags on a session or exchanges, and takes others off. */
export async function setTags(
  context: Context,
  named: Named,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<Annotation[]> {
  const line = (tag: string): string => lineOf(context.redactor, tag, longest.tag);
  const [on, off] = [add.map(line), remove.map(line)];
  return label(context, named, ({ tags }) => [
    ...on.filter((tag) => !tags.includes(tag)).map((tag): Statement => ({ kind: 'tag', tag, value: true })),
    ...off.filter((tag) => tags.includes(tag)).map((tag): Statement => ({ kind: 'tag', tag, value: false })),
  ]);
}

/** Says only what changes something. */
function label(
  context: Context,
  named: Named,
  statements: (now: Pick<Listed, 'title' | 'hidden' | 'tags'>) => Statement[],
): Promise<Annotation[]> {
  return annotate(context, async (history) => {
    const { listed, exchanges } = await choose(history, named);
    const session = listed.meta.id;
    const about = (now: Pick<Listed, 'title' | 'hidden' | 'tags'>, exchange?: ExchangeId): Saying[] =>
      statements(now).map((statement) => ({ session, exchange, statement }));
    const own = history.statements.of({ session });
    if (exchanges.length === 0) return { sayings: about(own) };
    return { sayings: exchanges.flatMap((one) => about(one, one.id)) };
  });
}

/** A text of the person as it may be written: redacted, then made one line. */
function lineOf(redactor: Redactor, text: string, limit: number): string {
  const line = oneLine(printable(storable(redactor.text(text))), limit);
  if (line !== '') return line;
  throw new SpecstoryError('usage', 'an empty text says nothing', { hint: 'a title is taken back with --clear' });
}
