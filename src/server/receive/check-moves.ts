import * as z from 'zod';
import { parseJson } from '../../core/json.ts';
import { format, markerPath } from '../../core/layout.ts';
import type { Commit } from '../../git/incoming.ts';
import { openBlobs } from '../../git/read.ts';
import type { Repository } from '../../git/repository.ts';
import type { Decisions, Move } from './decision.ts';

const markerSchema = z.looseObject({ format: z.int(), writer: z.string() });

/** Refuses moves that do not go forward, and histories that name another writer or a newer format. */
export async function checkMoves(
  decisions: Decisions,
  quarantine: Repository,
  commits: ReadonlyMap<string, Commit>,
): Promise<void> {
  const blobs = openBlobs(quarantine);
  try {
    for (const move of decisions.moves()) {
      if (move.isDone) continue;
      const problem = forward(move, commits) ?? marked(move, await blobs.read(`${move.to}:${markerPath}`));
      if (problem !== undefined) decisions.refuse(move.ref, problem);
    }
  } finally {
    await blobs.close();
  }
}

/** The commit before must lie behind the new one, with nothing between them but what came with this push. */
function forward({ from, to }: Move, commits: ReadonlyMap<string, Commit>): string | undefined {
  const isNew = commits.get(to)?.isKnown === false;
  const onTheWay = new Set<string>([to]);
  for (const oid of onTheWay) {
    if (oid === from) break;
    for (const parent of commits.get(oid)?.parents ?? []) onTheWay.add(parent);
  }
  const isForward = isNew && (from === undefined || onTheWay.has(from));
  return isForward ? undefined : 'a history only grows: this does not build on what is here';
}

function marked({ writer }: Move, marker: Buffer | undefined): string | undefined {
  const read = markerSchema.safeParse(marker && marker.length < 4096 ? parseJson(marker.toString('utf8')) : undefined);
  if (!read.success) return `no ${markerPath} with format and writer at the root`;
  if (read.data.format !== format) return `the history has format ${read.data.format}; this server knows ${format}`;
  return read.data.writer === writer ? undefined : 'not_permitted: the history names another writer';
}
