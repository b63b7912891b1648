import type { WriterId } from '../../core/ids.ts';
import { parseWriterRef, type writerTips } from '../../git/writer-ref.ts';
import type { Access, Actor, Project } from '../access.ts';
import { serverWriter } from '../annotate/server-writer.ts';
import { Decisions, type Move } from './decision.ts';
import type { Command, PushRequest } from './push-request.ts';

type Tips = Awaited<ReturnType<typeof writerTips>>;

/** Decides what may be done of a push by its commands alone, before its pack is read. Claims writers that nobody claimed yet. */
export async function authorise(
  { commands, capabilities }: PushRequest,
  tips: Tips,
  claim: (writer: WriterId) => Promise<boolean>,
): Promise<Decisions> {
  const decisions = new Decisions(capabilities.has('atomic'));
  const now = new Map<string, string>(tips.map(({ ref, oid }) => [ref, oid]));
  const claims = new Map<WriterId, boolean>();
  for (const command of commands) {
    const move = moveOf(command, now.get(command.ref));
    if (typeof move === 'string') decisions.refuse(command.ref, move);
    else if (await claimed(move.writer, claims, claim)) decisions.allow(move);
    else decisions.refuse(command.ref, 'not_permitted: this writer belongs to another account');
  }
  return decisions;
}

/** The claim of one account in one project. What the server writes itself is nobody's to push. */
export function claimFor(
  access: Access,
  { project, actor }: { readonly project: Project; readonly actor: Actor },
): (writer: WriterId) => Promise<boolean> {
  return async (writer) => writer !== serverWriter(project.key) && access.claimWriter(project, writer, actor.account);
}

async function claimed(
  writer: WriterId,
  claims: Map<WriterId, boolean>,
  claim: (writer: WriterId) => Promise<boolean>,
): Promise<boolean> {
  const known = claims.get(writer) ?? (await claim(writer));
  claims.set(writer, known);
  return known;
}

function moveOf({ ref, from, to }: Command, now: string | undefined): Move | string {
  const parsed = parseWriterRef(ref);
  if (!parsed) return 'only refs/specstory/writers/<writer>/history and /raw are taken here';
  if (!to) return 'a history is not deleted: ask for a purge';
  if (now === to) return { ...parsed, from, to, isDone: true };
  if (now !== from) return stale;
  return { ...parsed, from, to, isDone: false };
}

export const stale = 'the ref moved meanwhile: fetch and push again';
