import type { SessionId } from '../../core/ids.ts';
import { ObjectReader } from '../../git/object-reader.ts';
import { parseTree } from '../../git/tree-object.ts';
import { writerRef } from '../../git/writer-ref.ts';
import { serverWriter } from '../annotate/server-writer.ts';
import type { Repositories } from '../repositories/repositories.ts';
import { type DocumentKind, documentKind, receivedFolder } from './documents.ts';

/** Bytes of one piece: of a document without lines, all of it. */
const largest = 2 ** 30;

/** A document of a session as it is kept; nothing when there is none. */
export async function readDocument(
  repositories: Repositories,
  project: string,
  session: SessionId,
  kind: DocumentKind,
): Promise<Buffer | undefined> {
  const reader = new ObjectReader(await repositories.open(project));
  try {
    const revision = `${writerRef(serverWriter(project), 'raw')}:${receivedFolder(session)}`;
    const tree = await reader.ask('contents', revision);
    const files = tree ? parseTree(tree.content, tree.oid.length / 2) : [];
    const wanted = files.filter(({ name }) => documentKind(name) === kind);
    if (wanted.length === 0) return undefined;
    const found = await Promise.all(wanted.map(({ oid }) => reader.ask('contents', oid, largest)));
    return Buffer.concat(found.map((object) => object?.content ?? Buffer.alloc(0)));
  } finally {
    await reader.close();
  }
}
