import { createHash } from 'node:crypto';
import type { ExchangeId, SessionId } from '../../core/ids.ts';
import type { Redacted } from '../../core/redacted.ts';
import type { Session, SessionMeta } from '../../core/session.ts';
import { compareText, slug } from '../../core/text.ts';
import { hashOf } from '../../git/blob-id.ts';
import { type ExchangeEntry, entryOf } from '../../markdown/exchange-entry.ts';
import { renderExchange } from '../../markdown/render.ts';
import { type SessionFile, sessionName } from '../../markdown/session-file.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { Fault } from '../ingest/fault.ts';
import type { TextCheck } from '../ingest/text-check.ts';
import { Refusal } from '../refusal.ts';
import { conversationOf } from './conversation.ts';
import { type DocumentFile, etagOf, type Received, redactedDocuments } from './documents.ts';
import type { SentSession } from './sent-session.ts';

/** One exchange on its way into the history. */
export interface PreparedExchange {
  readonly id: ExchangeId;
  readonly entry: ExchangeEntry;
  readonly text: Redacted<string>;
  readonly fingerprint: string;
}

/** A session that was sent, redacted and in our form: what only has to be written. */
export interface PreparedSession {
  readonly session: SessionId;
  readonly meta: SessionMeta;
  readonly exchanges: readonly PreparedExchange[];
  readonly documents: readonly DocumentFile[];
  readonly received: Omit<Received, 'created' | 'updated'>;
}

export interface PrepareServices {
  readonly redactor: Redactor;
  readonly check: TextCheck;
}

/** Redacts what was sent and brings it into our form. Throws `bad_request` for what cannot be kept. */
export async function prepareSession(
  { redactor, check }: PrepareServices,
  sent: SentSession,
  session: SessionId,
  by: string,
): Promise<PreparedSession> {
  if (String(redactor.text(session)) !== session)
    throw new Refusal('bad_request', 'the id of the session looks like a secret: it is not kept');
  const documents = await redactedDocuments(sent, redactor);
  const head = redactor.value({ name: sent.name, metadata: sent.metadata });
  const { meta, exchanges } = redactor.value<Session>(conversationOf(sent, session));
  const prepared = exchanges.map((exchange, index): PreparedExchange => {
    const text = renderExchange(redactor.exchange(exchange));
    refuseSecret(check, text);
    const fingerprint = hashOf([text], createHash('sha256'));
    return { id: exchange.id, entry: entryOf(exchange, index + 1), text, fingerprint };
  });
  const times = exchanges.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]).filter((at) => at !== undefined);
  const [started, ended] = [times.sort(compareText)[0], times.at(-1)];
  return {
    session,
    meta: { ...meta, id: session },
    exchanges: prepared,
    documents,
    received: {
      ...{ format: 1, session, by, name: head.name, metadata: head.metadata, sizes: sent.sizes },
      etag: etagOf(documents, head),
      ...(started === undefined ? {} : { started }),
      ...(ended === undefined ? {} : { ended }),
    },
  };
}

/** `session.md` of a session with these exchanges. */
export function headOf(
  { meta, received }: PreparedSession,
  kept: readonly PreparedExchange[],
  times: { readonly created: string; readonly updated: string },
): SessionFile {
  const exchanges = kept.map(({ entry }) => entry);
  const prompt = exchanges[0]?.title ?? '';
  const { started, ended } = received;
  const whole: SessionMeta = {
    ...meta,
    createdAt: meta.createdAt ?? started ?? times.created,
    updatedAt: meta.updatedAt ?? ended ?? times.updated,
  };
  return { meta: whole, name: sessionName(whole, prompt), slug: slug(prompt), exchanges };
}

/** What of an exchange is kept: all but what was deleted for everybody. */
export function isBuried(
  { id, fingerprint }: PreparedExchange,
  deleted: { readonly exchanges: ReadonlySet<ExchangeId>; readonly content: ReadonlySet<string> },
): boolean {
  return deleted.exchanges.has(id) || deleted.content.has(fingerprint);
}

/** What stands side by side only after it was rendered is looked at once more, as if it had been pushed. */
function refuseSecret(check: TextCheck, text: string): void {
  try {
    check.text(Buffer.from(text), 'an exchange');
  } catch (thrown) {
    if (thrown instanceof Fault) throw new Refusal('bad_request', thrown.message, { cause: thrown });
    throw thrown;
  }
}
