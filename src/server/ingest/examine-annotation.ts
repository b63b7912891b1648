import { type Annotation, largestAnnotation, parseAnnotation, parseAnnotationFile } from '../../core/annotation.ts';
import type { WriterId } from '../../core/ids.ts';
import { asObject, asText, parseJson } from '../../core/json.ts';
import type { TreeReader } from '../../git/tree-reader.ts';
import type { AnnotationChange, AnnotationRow } from '../store/index-store.ts';
import type { Item } from './changed-items.ts';
import { faultIn } from './examine-session.ts';
import { Fault } from './fault.ts';
import type { TextCheck } from './text-check.ts';

/** Looks at an annotation in a writer's tree (docs/format.md, Annotations). */
export async function examineAnnotation(
  reader: TreeReader,
  check: TextCheck,
  { path, entry }: Item,
  writer: WriterId,
): Promise<AnnotationChange> {
  if (!entry) return { kind: 'withdrawn', path };
  let session = path;
  try {
    const named = entry.isFolder ? undefined : parseAnnotationFile(path);
    if (!named) throw unnamed(path);
    if (named.writer !== writer) throw new Fault('not_permitted', 'it is named for another writer');
    const text = await textOf(reader, check, entry.oid);
    session = asText(asObject(parseJson(text)).session)?.slice(0, 4096) ?? path;
    return read(path, named, parseAnnotation(path, text, writer), session);
  } catch (thrown) {
    const { code, message } = faultIn(thrown);
    return { kind: 'unreadable', path, session, code, reason: message };
  }
}

/** A name that has all but a number which can be a logical time says what is wrong with it. */
function unnamed(path: string): Fault {
  const isClock = /\/\d+-[0-9a-f]{16}-\d+\.json$/.test(path);
  return isClock
    ? new Fault('bad_clock', 'its file is named by a number that is no logical time')
    : new Fault('bad_annotation', 'its file has no name of an annotation');
}

async function textOf(reader: TreeReader, check: TextCheck, oid: string): Promise<string> {
  for await (const content of reader.files([oid], largestAnnotation)) return check.text(content, 'an annotation');
  throw new Fault('bad_annotation', 'it is missing');
}

/** One that says what we do not understand still moves the clock, as every reader of the tree sees it. */
function read(
  path: string,
  { lamport, n }: { readonly lamport: number; readonly n: number },
  found: ReturnType<typeof parseAnnotation>,
  session: string,
): AnnotationChange {
  if (found === 'bad_clock') throw new Fault('bad_clock', 'its logical time is none, or not that of its name');
  if (found === 'bad_annotation') {
    const rejected = {
      session,
      code: found,
      reason: 'it says what this server does not understand, or lies elsewhere',
    };
    return { kind: 'annotation', row: { path, lamport, n }, rejected };
  }
  return { kind: 'annotation', row: { path, lamport, n, said: saidBy(found) } };
}

function saidBy({ session, exchange, at, statement }: Annotation): NonNullable<AnnotationRow['said']> {
  const said = { session, ...(exchange === undefined ? {} : { exchange }), at, statement: JSON.stringify(statement) };
  if (statement.kind !== 'deleted') return { ...said, deletes: [] };
  const itself =
    exchange === undefined
      ? ({ kind: 'session', value: session } as const)
      : ({ kind: 'exchange', value: exchange } as const);
  const exchanges = statement.exchanges.map((value) => ({ kind: 'exchange', value }) as const);
  const content = statement.content.map((value) => ({ kind: 'content', value }) as const);
  return { ...said, deletes: [itself, ...exchanges, ...content] };
}
