import { isObjectId, isWriterId, type ObjectId, type WriterId } from '../core/ids.ts';
import type { refs } from '../core/layout.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';

type RefKind = keyof typeof refs;

/** Where a writer's history or raw records lie on a server. */
export type WriterRef = `refs/specstory/writers/${string}/${RefKind}`;

export function writerRef(writer: WriterId, kind: RefKind): WriterRef {
  return `refs/specstory/writers/${writer}/${kind}`;
}

/** What the name of such a ref says; nothing for every other name. */
export function parseWriterRef(name: string): { ref: WriterRef; writer: WriterId; kind: RefKind } | undefined {
  const [, writer = '', found] = /^refs\/specstory\/writers\/([0-9a-f]{16})\/(history|raw)$/.exec(name) ?? [];
  const kind = found === 'raw' ? 'raw' : 'history';
  return isWriterId(writer) ? { ref: writerRef(writer, kind), writer, kind } : undefined;
}

/** Where a writer's ref stands. */
export interface WriterTip {
  readonly ref: WriterRef;
  readonly writer: WriterId;
  readonly kind: RefKind;
  readonly oid: ObjectId;
}

/** Where the refs of all writers stand in a repository of a server, in the order of their names, by one `for-each-ref`. */
export async function writerTips(repository: Repository): Promise<WriterTip[]> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/specstory/writers/'];
  const output = await runGit(args, placeOf(repository));
  return output
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [oid = '', name = ''] = line.split(' ', 2);
      const parsed = parseWriterRef(name);
      return parsed && isObjectId(oid) ? [{ ...parsed, oid }] : [];
    });
}
