import type { ObjectId, WriterId } from '../../core/ids.ts';
import { refs } from '../../core/layout.ts';
import type { Tips } from '../../git/read.ts';

/** Where our refs stand here and, as far as this repository knows, on one remote. */
export interface Standing {
  readonly history: Pair;
  readonly raw: Pair;
}

interface Pair {
  readonly here: ObjectId | undefined;
  readonly there: ObjectId | undefined;
}

export function standingOf(tips: Tips, remote: string, writer: WriterId | undefined): Standing {
  const there = (kind: keyof typeof refs): ObjectId | undefined =>
    tips.tracked.find((tip) => tip.remote === remote && tip.writer === writer && tip.kind === kind)?.oid;
  return {
    history: { here: tips.history, there: there('history') },
    raw: { here: tips.raw, there: there('raw') },
  };
}

/** The refs that are to be sent, as refspecs. */
export function unsentRefspecs(standing: Standing, writer: WriterId): string[] {
  const kinds = ['history', 'raw'] as const;
  const unsent = kinds.filter((kind) => isUnsent(standing[kind]));
  return unsent.map((kind) => `${refs[kind]}:${remoteRef(writer, kind)}`);
}

export const remoteRef = (writer: WriterId, kind: keyof typeof refs): string =>
  `refs/specstory/writers/${writer}/${kind}`;

export function isUnsent({ here, there }: Pair): boolean {
  return here !== undefined && here !== there;
}

/** The commits of a pair that are not there yet. */
export function spanOf({ here, there }: Pair): { to: ObjectId[]; from: ObjectId[] } {
  return { to: here ? [here] : [], from: there ? [there] : [] };
}
