import { type Annotation, annotationPath, mostDeleted, type Statement, type Target } from '../../core/annotation.ts';
import type { ExchangeId, WriterId } from '../../core/ids.ts';
import { format, markerPath, refs } from '../../core/layout.ts';
import { counted } from '../../core/text.ts';
import type { Identity } from '../../git/identity.ts';
import { openImport } from '../../git/write.ts';
import { writerTips } from '../../git/writer-ref.ts';
import { renderAnnotation } from '../../markdown/annotation-file.ts';
import type { Redactor } from '../../redact/redactor.ts';
import type { Ingest, IngestServices } from '../ingest/ingest.ts';
import { Refusal } from '../refusal.ts';
import { serverWriter } from './server-writer.ts';

/** A statement and what it is about. */
export interface Saying extends Target {
  readonly statement: Statement;
}

export interface AnnotatorServices extends IngestServices {
  readonly ingest: Ingest;
  readonly redactor: Redactor;
}

/** Writes statements into projects as a writer of the server's own, at a logical time after everything that the project's refs hold. */
export class Annotator {
  private readonly services: AnnotatorServices;

  constructor(services: AnnotatorServices) {
    this.services = services;
  }

  /** Says something in the name of an account. It is in the refs and in the index when this returns. Throws `Refusal` for a text that holds a secret. */
  async say(project: string, sayings: readonly Saying[], name: string): Promise<Annotation[]> {
    const { repositories, ingest, store } = this.services;
    const writer = serverWriter(project);
    const said = await repositories.exclusively(project, async (repository) => {
      // Nobody moves refs meanwhile: what the index knows then is all there is.
      await ingest.takeProject(project);
      const annotations = annotationsOf(sayings, writer, (await store.clock(project)) + 1);
      const tips = await writerTips(repository);
      const before = tips.find((tip) => tip.writer === writer && tip.kind === 'history')?.oid;
      const into = openImport(repository, before ? { history: before } : {}, identityOf(name), writer);
      try {
        const { redactor } = this.services;
        const marker = redactor.text(`${JSON.stringify({ format, writer })}\n`);
        const files = annotations.map((one) => ({ path: annotationPath(one), content: this.fileOf(one) }));
        const changes = before ? files : [{ path: markerPath, content: marker }, ...files];
        const subject = redactor.text(`annotate: ${counted(files.length, 'statement')}`);
        await into.commit(refs.history, { subject, at: annotations[0]?.at ?? '' }, changes);
        await into.finish();
      } finally {
        await into.abort();
      }
      return annotations;
    });
    await ingest.take(project, writer);
    void repositories.tidy(project).catch(() => {});
    return said;
  }

  /** Deletes things for everybody: every exchange and content that anybody has of them is named. */
  async delete(project: string, targets: readonly Target[], name: string): Promise<Annotation[]> {
    const sayings: Saying[] = [];
    for (const target of targets) {
      const rows = await this.services.store.exchanges(project, target.session);
      const meant = rows.filter(({ exchange }) => target.exchange === undefined || exchange === target.exchange);
      const exchanges = [
        ...new Set([...(target.exchange ? [target.exchange] : []), ...meant.map((row) => row.exchange)]),
      ];
      sayings.push(...deletions(target, exchanges, [...new Set(meant.map(({ fingerprint }) => fingerprint))]));
    }
    return this.say(project, sayings, name);
  }

  /** Texts come from people: what looks like a secret does not become part of a history. */
  private fileOf(annotation: Annotation) {
    const { redactor } = this.services;
    const checked = redactor.value(annotation);
    if (JSON.stringify(checked) !== JSON.stringify(annotation))
      throw new Refusal('bad_request', 'a statement holds what looks like a secret');
    return renderAnnotation(checked);
  }
}

function annotationsOf(sayings: readonly Saying[], writer: WriterId, lamport: number): Annotation[] {
  const at = new Date().toISOString();
  return sayings.map(({ session, exchange, statement }, n) => {
    const target = exchange === undefined ? { session } : { session, exchange };
    return { format: 1, lamport, writer, n, at, ...target, statement };
  });
}

/** One statement, or several when there is too much for one. */
function deletions(target: Target, exchanges: readonly ExchangeId[], content: readonly string[]): Saying[] {
  const sayings: Saying[] = [];
  for (let at = 0; at === 0 || at < Math.max(exchanges.length, content.length); at += mostDeleted) {
    const part = { exchanges: exchanges.slice(at, at + mostDeleted), content: content.slice(at, at + mostDeleted) };
    sayings.push({ ...target, statement: { kind: 'deleted', ...part } });
  }
  return sayings;
}

const identityOf = (name: string): Identity => ({ name, email: 'specstory@localhost' });
