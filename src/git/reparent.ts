import type { ObjectId } from '../core/ids.ts';
import { markerPath, type RefName } from '../core/layout.ts';
import type { Redacted } from '../core/redacted.ts';
import { dataSection, type ExportItem, exportItems } from './fast-export-stream.ts';
import { FastImport } from './fast-import.ts';
import { adoptPacks } from './packs.ts';
import { type Blobs, openBlobs } from './read.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';
import { openScratch } from './scratch.ts';

/** A file under another name, with other content. */
export interface Renamed {
  readonly path: string;
  readonly content: string;
}

export interface Reparenting {
  readonly ref: RefName;
  /** Commits that stay where they are, with what is behind them. */
  readonly without: readonly ObjectId[];
  /** The file that names the writer. */
  readonly marker: Redacted<string>;
  /** Whether a file bears the name of the writer. */
  readonly isNamed: (path: string) => boolean;
  /** Such a file under the new writer's name. Its content was redacted before, and names nothing new. */
  readonly renamed: (path: string, content: string) => Renamed;
}

/**
 * Makes the commits of a ref that are not behind others anew, on a root of their own that holds only what they changed. Gives the last of them; nothing when
 * there are none. No ref is moved and the packs stay kept: the caller, who holds the lock, does both. One `fast-export`, one `cat-file`, one `fast-import`.
 */
export async function reparent(repository: Repository, work: Reparenting): Promise<ObjectId | undefined> {
  const excluded = work.without.map((oid) => `^${oid}`);
  const args = ['fast-export', '--no-data', '--reference-excluded-parents', work.ref, ...excluded];
  const items = [...exportItems(await runGit(args, placeOf(repository)))];
  if (!items.some((item) => 'data' in item)) return undefined;
  const scratch = openScratch(repository);
  const blobs = openBlobs(repository);
  const into = new FastImport(scratch.place, repository.root);
  try {
    for await (const piece of rewritten(items, blobs, work)) await into.write(piece);
    await into.finish();
    await adoptPacks(repository, scratch.packs);
    return scratch.tip(work.ref);
  } finally {
    await into.kill();
    await blobs.close();
    scratch.remove();
  }
}

const change = /^(?:M 100644 (\S+)|D) (.+)$/;

/** The stream with a new root: no commit has a parent that is not in it, and the first one names the writer. */
async function* rewritten(
  items: readonly ExportItem[],
  blobs: Blobs,
  work: Reparenting,
): AsyncGenerator<string | Buffer> {
  let isMarked = false;
  let hasMessage = false;
  for (const item of items) {
    if ('data' in item) {
      hasMessage = true;
      yield dataSection(item.data);
      continue;
    }
    if (/^from [0-9a-f]{40,64}$/.test(item.line)) continue;
    if (hasMessage && !isMarked) yield inline({ path: markerPath, content: work.marker });
    isMarked = hasMessage;
    const [, oid, path = ''] = change.exec(item.line) ?? [];
    if (work.isNamed(path)) yield await named(oid, path, blobs, work);
    else if (path !== markerPath) yield item.bytes;
  }
}

async function named(
  oid: string | undefined,
  path: string,
  blobs: Blobs,
  { renamed }: Reparenting,
): Promise<string | Buffer> {
  const content = oid === undefined ? '' : ((await blobs.read(oid))?.toString('utf8') ?? '');
  const to = renamed(path, content);
  return oid === undefined ? `D ${to.path}\n` : inline(to);
}

function inline({ path, content }: Renamed): Buffer {
  return Buffer.concat([
    Buffer.from(`M 100644 inline ${path}\n`),
    dataSection(Buffer.from(content)),
    Buffer.from('\n'),
  ]);
}
