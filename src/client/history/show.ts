import { SpecstoryError } from '../../core/errors.ts';
import { counted } from '../../core/text.ts';
import { renderDocument } from '../../markdown/document.ts';
import { renderExchange } from '../../markdown/render.ts';
import type { Context } from '../context.ts';
import { type Form, printSession } from './convert.ts';
import { type Shown, withHistory } from './open-history.ts';
import { findSession, readWhole } from './query.ts';

export interface ShowOptions {
  readonly form: Form;
  /** Number of an exchange in the session, or the beginning of its id. */
  readonly exchange?: string | undefined;
  /** Only what this writer has of it: the beginning of a writer id. */
  readonly writer?: string | undefined;
  /** With exchanges that are hidden. */
  readonly all?: boolean | undefined;
}

export interface Showing {
  readonly text: string;
  /** What a reader should know of it, in lines. */
  readonly notes: readonly string[];
}

/** A session of the history, or one exchange of it, as text. Throws `not-found`. */
export async function showSession(context: Context, name: string, options: ShowOptions): Promise<Showing> {
  return withHistory(context, async (history) => {
    const { listed, shown } = await readWhole(history, findSession(history, name));
    const chosen = chosenOf(shown, options);
    const problems = history.problems().filter(({ path }) => path.startsWith('exchange '));
    const notes = [
      ...notesOf(shown, chosen, options),
      ...problems.map(({ path, reason }) => `left out: ${path}: ${reason}`),
    ];
    // Others may have written it: what leaves here is checked by this machine's rules.
    const session = context.redactor.value({ meta: listed.meta, exchanges: chosen.map(({ exchange }) => exchange) });
    if (options.form !== 'markdown') return { text: printSession(session, options.form), notes };
    if (options.exchange === undefined) return { text: renderDocument(session), notes };
    const files = session.exchanges.map((exchange) => renderExchange(context.redactor.exchange(exchange)));
    return { text: files.join('\n'), notes };
  });
}

function chosenOf(shown: readonly Shown[], { exchange, writer, all = false }: ShowOptions): Shown[] {
  const of = shown.filter(({ writers }) => writer === undefined || writers.some((id) => id.startsWith(writer)));
  if (exchange === undefined) return of.filter(({ hidden }) => all || !hidden);
  const number = numberOf(of, exchange);
  if (number !== undefined) return of.filter((one) => one.number === number);
  const hint = `it has the exchanges 1 to ${shown.at(-1)?.number ?? 0}`;
  throw new SpecstoryError('not-found', `the session has no exchange '${exchange}'`, { hint });
}

/** The number of the exchange that a person means: its number, or the beginning of its id. */
export function numberOf(shown: readonly Shown[], name: string): number | undefined {
  const exact = shown.find(({ number }) => String(number) === name);
  return (exact ?? shown.find(({ id }) => name.length >= 4 && id.startsWith(name)))?.number;
}

function notesOf(shown: readonly Shown[], chosen: readonly Shown[], { exchange, all = false }: ShowOptions): string[] {
  const isLeftOut = (one: Shown): boolean => one.hidden && !all && exchange === undefined;
  const hidden = new Set(shown.filter(isLeftOut).map(({ number }) => number)).size;
  const notes = hidden > 0 ? [`${counted(hidden, 'hidden exchange')} left out; --all shows them`] : [];
  const forks = new Map<number, string[]>();
  for (const { number, writers } of chosen) forks.set(number, [...(forks.get(number) ?? []), writers.join(' and ')]);
  for (const [number, versions] of forks) {
    if (versions.length < 2) continue;
    notes.push(`exchange ${number} was told in ${versions.length} ways, all shown: by ${versions.join('; by ')}`);
  }
  return notes;
}
