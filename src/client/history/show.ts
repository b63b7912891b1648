import { SpecstoryError } from '../../core/errors.ts';
import { renderDocument } from '../../markdown/document.ts';
import type { ExchangeEntry } from '../../markdown/exchange-entry.ts';
import type { Context } from '../context.ts';
import { type Form, printSession } from './convert.ts';
import { findSession, readSession } from './query.ts';

/** A session of the history, or one exchange of it (by its number in the session or the beginning of its id), as text. */
export async function showSession(
  context: Context,
  name: string,
  options: { form: Form; exchange: string | undefined },
): Promise<string> {
  const { meta } = await findSession(context, name);
  const { session: stored, file, texts } = await readSession(context, meta.id);
  // Others may have written it: what leaves here is checked by this machine's rules.
  const session = context.redactor.value(stored);
  if (options.exchange === undefined) {
    return options.form === 'markdown' ? renderDocument(session) : printSession(session, options.form);
  }
  const index = indexOf(file.exchanges, options.exchange);
  const exchange = session.exchanges[index];
  if (!exchange) {
    const hint = `it has the exchanges 1 to ${file.exchanges.length}`;
    throw new SpecstoryError('not-found', `session ${meta.id} has no exchange '${options.exchange}'`, { hint });
  }
  return options.form === 'markdown'
    ? (texts[index] ?? '')
    : printSession(context.redactor.value({ ...session, exchanges: [exchange] }), options.form);
}

/** Where the exchange with this number is, or else the one whose id begins so. */
function indexOf(exchanges: readonly ExchangeEntry[], name: string): number {
  const index = exchanges.findIndex(({ ordinal }) => String(ordinal) === name);
  return index >= 0 ? index : exchanges.findIndex(({ id }) => name.length >= 4 && id.startsWith(name));
}
