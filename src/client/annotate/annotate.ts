import { type Annotation, annotationPath, type Statement, type Target } from '../../core/annotation.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { refs } from '../../core/layout.ts';
import { counted } from '../../core/text.ts';
import type { Change } from '../../git/write.ts';
import { renderAnnotation } from '../../markdown/annotation-file.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { exclusively } from '../capture/capture.ts';
import { type Desk, withDesk } from '../capture/desk.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { type History, withHistory } from '../history/open-history.ts';

/** A statement and what it is about. */
export interface Saying extends Target {
  readonly statement: Statement;
}

/** What is to be written. */
export interface Plan {
  readonly sayings: readonly Saying[];
  /** More commits that belong to them, in the same import. */
  readonly also?: (desk: Desk) => Promise<void>;
}

/**
 * Writes statements into this clone's history: one commit, under the lock of captures, with a logical time after everything that is known here. `plan` sees
 * the history as it is under the lock. Gives the annotations; none when there is nothing to say. Throws `conflict` when a capture is at work for too long.
 */
export async function annotate(context: Context, plan: (history: History) => Promise<Plan>): Promise<Annotation[]> {
  return exclusively(context, 'annotate', undefined, () => writeStatements(context, plan));
}

/** As `annotate`, for a caller that holds the lock. */
export async function writeStatements(
  context: Context,
  plan: (history: History) => Promise<Plan>,
): Promise<Annotation[]> {
  const { sayings, also, clock } = await withHistory(context, async (history) => {
    return { ...(await plan(history)), clock: history.statements.clock };
  });
  if (sayings.length === 0) return [];
  const writer = await writerOf(context);
  const at = new Date().toISOString();
  const annotations = sayings.map(({ session, exchange, statement }, n): Annotation => {
    const target = exchange === undefined ? { session } : { session, exchange };
    return { format: 1, lamport: clock + 1, writer, n, at, ...target, statement };
  });
  await withDesk(context, async (desk) => {
    const files = annotations.map((annotation) => fileOf(desk.redactor, annotation));
    const subject = desk.redactor.text(`annotate: ${counted(sayings.length, 'statement')}`);
    await desk.commit(refs.history, { subject, at }, files);
    await also?.(desk);
  });
  return annotations;
}

/** Texts of the person were redacted before they became statements; here nothing may change any more. */
function fileOf(redactor: Redactor, annotation: Annotation): Change {
  const checked = redactor.value(annotation);
  if (JSON.stringify(checked) !== JSON.stringify(annotation)) {
    const hint = 'a rule of redaction takes its id for a secret: see specstory redact --check';
    throw new SpecstoryError('withheld', 'the name of the session may not be written', { hint });
  }
  return { path: annotationPath(annotation), content: renderAnnotation(checked) };
}
