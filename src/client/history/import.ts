import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reason, SpecstoryError } from '../../core/errors.ts';
import { refs } from '../../core/layout.ts';
import type { Session } from '../../core/session.ts';
import { parseSpecstory } from '../../markdown/specstory-parse.ts';
import { exclusively } from '../capture/capture.ts';
import type { Captured } from '../capture/capture-source.ts';
import { atDesks, type Desk, WrittenAlready } from '../capture/desk.ts';
import { importOrigin, SessionDraft } from '../capture/session-draft.ts';
import type { Context } from '../context.ts';

export interface ImportReport {
  readonly imported: readonly Captured[];
  /** Files whose session was there already, exchange by exchange. */
  readonly unchanged: number;
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
}

/** The Markdown files that `paths` name: files as they are, folders with every `.md` in them. Throws `not-found`. */
export function markdownFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found)
      throw new SpecstoryError('not-found', `there is no ${path}`, { hint: 'name files or folders that hold them' });
    if (!found.isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => join(path, name));
  });
}

/**
 * Adds sessions from files that SpecStory wrote (Markdown v1.x to v2.1) to the history, redacted like everything else. A session that
 * was captured from its agent's own store is left as it is: the store knows more than its export.
 */
export async function importFiles(
  context: Context,
  files: readonly string[],
  progress?: (done: number, total: number) => void,
): Promise<ImportReport> {
  const report = { imported: [] as Captured[], unchanged: 0, failed: [] as { path: string; reason: string }[] };
  return exclusively(context, 'import', undefined, async () => {
    let done = 0;
    await atDesks(context, files, (desk) => async (path) => {
      try {
        const session = parseSpecstory(readFileSync(path, 'utf8'), basename(path));
        const captured = await importOne(desk, session, statSync(path).mtimeMs);
        if (captured) report.imported.push(captured);
        else report.unchanged++;
      } catch (thrown) {
        if (thrown instanceof WrittenAlready) throw thrown;
        report.failed.push({ path, reason: reason(thrown) });
      }
      progress?.(++done, files.length);
    });
    return report;
  });
}

async function importOne(desk: Desk, { meta, exchanges }: Session, modified: number): Promise<Captured | undefined> {
  const draft = await SessionDraft.open(desk, meta.id);
  if (draft.isCaptured || desk.tombstones.sessions.has(meta.id)) return undefined;
  for (const [index, exchange] of exchanges.entries()) {
    await draft.take({ session: meta.id, ordinal: index + 1, exchange, closed: true });
  }
  if (draft.entryCount === 0 && draft.isBuried) return undefined;
  const name = await draft.finish({ ...meta, origin: importOrigin }, undefined, modified);
  if (draft.changes.length === 0) return undefined;
  const text = (words: string) => desk.redactor.text(words);
  const body = text(
    `Session: ${meta.id}\nExchanges: ${draft.entryCount} (${draft.added} new)\nImported from Markdown.`,
  );
  const at = meta.updatedAt ?? new Date(modified).toISOString();
  desk.written.add(meta.id);
  await desk.commit(refs.history, { subject: text(`${meta.agent}: ${name}`), body, at }, draft.changes);
  return { session: meta.id, agent: meta.agent, name, added: draft.added, isNew: draft.isNew };
}
