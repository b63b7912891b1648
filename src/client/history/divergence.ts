import { mkdirSync } from 'node:fs';
import type { ObjectId, WriterId } from '../../core/ids.ts';
import { independent } from '../../git/independent.ts';
import type { Tips } from '../../git/read.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import { readText } from '../capture/read-text.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';

/** A remote's copy of this clone's own history that neither contains ours nor is contained in it. */
export interface Divergence {
  readonly remote: string;
  readonly oid: ObjectId;
}

/**
 * Where the own writer's history on a remote contradicts the one here: somebody else writes under the same name, as a copy of this `.git` on another machine
 * does. Copies that a purge here is about to have replaced are no such sign. One git process, and none where nothing was fetched.
 */
export async function divergences(context: Context, now: Tips, writer: WriterId): Promise<Divergence[]> {
  const { history } = now;
  if (history === undefined) return [];
  const replaced = new Set(readText(context.place('replaced')).split('\n'));
  const own = now.tracked.filter(
    ({ remote, ...tip }) => remote !== '' && tip.writer === writer && tip.kind === 'history',
  );
  const found: Divergence[] = [];
  for (const oid of new Set(own.map((tip) => tip.oid))) {
    if (oid === history || replaced.has(oid)) continue;
    const apart = (await independent(context.repository, [history, oid])).length > 1;
    if (apart) found.push(...own.filter((tip) => tip.oid === oid).map(({ remote }) => ({ remote, oid })));
  }
  return found;
}

/** Remembers where remotes stand whose copies of this clone's refs are to be replaced, before ours are rewritten. */
export async function expectReplacement(context: Context, { tracked }: Tips): Promise<void> {
  const writer = await writerOf(context);
  const own = tracked.filter((tip) => tip.remote !== '' && tip.writer === writer).map(({ oid }) => oid);
  const known = readText(context.place('replaced')).split('\n').filter(Boolean);
  mkdirSync(context.folder, { recursive: true });
  const all = [...new Set([...known, ...own])];
  if (all.length > known.length) await replaceFile(context.place('replaced'), all.map((oid) => `${oid}\n`).join(''));
}
