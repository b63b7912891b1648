import type { ObjectId } from '../core/ids.ts';
import type { Redacted } from '../core/redacted.ts';
import { completePacks } from './complete-packs.ts';
import { dataSection, exportItems } from './fast-export-stream.ts';
import { FastImport } from './fast-import.ts';
import type { Identity } from './identity.ts';
import { landed } from './landed.ts';
import { adoptPacks, releasePacks } from './packs.ts';
import { moveRefs, type OurRef } from './ref-moves.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';
import { openScratch } from './scratch.ts';

export interface Forgetting {
  readonly ref: OurRef;
  /** Where the ref is. */
  readonly tip: ObjectId;
  /** Commits that others may have: neither they nor what is behind them is rewritten. */
  readonly keep: readonly ObjectId[];
  /** Folders that no rewritten commit may contain. */
  readonly folders: readonly string[];
  /** Further files that no rewritten commit may contain; of some, perhaps only in some states. */
  readonly also?: (path: string, oid: string) => boolean;
  /** The message of commits that touched such a folder: theirs may tell what was in it. */
  readonly message: Redacted<string>;
}

/**
 * Rewrites the commits of a ref that nobody else has, as if some folders had never been in them. Gives the new tip; the old one when nothing
 * was to be taken out. The caller holds the lock. One `fast-export` without content, one `fast-import`,
 * mostly one `pack-objects` (docs/decisions/0002), one move of the ref.
 * The old objects are unreachable afterwards and go with git's next clean-up.
 */
export async function forget(
  repository: Repository,
  { ref, tip, keep, folders, also = () => false, message }: Forgetting,
  who: Identity,
): Promise<ObjectId> {
  const args = ['fast-export', '--no-data', '--reference-excluded-parents', ref, ...keep.map((oid) => `^${oid}`)];
  const stream = await runGit(args, placeOf(repository));
  const isDropped = (path: string, oid: string) => folders.some((folder) => isBelow(path, folder)) || also(path, oid);
  const rewritten = without(stream, isDropped, Buffer.from(message));
  if (!rewritten) return tip;
  const scratch = openScratch(repository);
  const into = new FastImport(scratch.place, repository.root);
  try {
    await into.write(rewritten);
    const report = await into.finish();
    const to = landed(scratch, ref);
    const moves = [{ ref, from: tip, to }];
    await adoptPacks(repository, await completePacks(scratch, report, moves));
    await moveRefs(repository, moves, who);
    releasePacks(repository);
    return to;
  } finally {
    await into.kill();
    scratch.remove();
  }
}

/** The stream without some changes of the tree, and with another message where there were any; nothing when there were none. */
function without(
  stream: Buffer,
  isDropped: (path: string, oid: string) => boolean,
  message: Buffer,
): Buffer | undefined {
  const out: Buffer[] = [];
  let text = -1;
  let found = false;
  for (const item of exportItems(stream)) {
    if ('data' in item) {
      text = out.push(dataSection(item.data)) - 1;
      continue;
    }
    const [, oid = '', path] = change.exec(item.line) ?? [];
    const drop = path !== undefined && isDropped(path, oid);
    if (drop && text >= 0) out[text] = dataSection(message);
    if (!drop) out.push(item.bytes);
    found ||= drop;
  }
  return found ? Buffer.concat(out) : undefined;
}

/** A change of a tree: object and path of a file, or the path of one that is removed. Our paths never need quoting. */
const change = /^(?:M [0-7]+ (\S+)|D) (.+)$/;

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
