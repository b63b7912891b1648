import type { ExchangeId, SessionId, WriterId } from '../../core/ids.ts';
import { sessionPath } from '../../core/layout.ts';
import { type Doomed, holdingRefs, purgedMessage, purgeRefs, type WriterPlaces } from '../../git/purge-refs.ts';
import type { Repository } from '../../git/repository.ts';
import { writerTips } from '../../git/writer-ref.ts';
import type { Annotator, AnnotatorServices } from '../annotate/annotator.ts';
import { serverWriter } from '../annotate/server-writer.ts';
import { serverIdentity } from '../repositories/server-identity.ts';

export interface PurgeOrder {
  readonly sessions: readonly SessionId[];
  /** Their exchanges, as the client that asks knows them; what the index knows of them when none are named. */
  readonly exchanges: readonly ExchangeId[];
  /** Who asks, and whose refs may be rewritten for it. */
  readonly name: string;
  mayRewrite(writer: WriterId): boolean;
}

export interface Purged {
  /** Sessions of which nothing is left in the project. */
  readonly purged: readonly SessionId[];
  /** What is left, and why. */
  readonly unreachable: readonly string[];
}

type PurgeServices = AnnotatorServices & { readonly annotator: Annotator };

/** The refs of one writer. */
type Holder = WriterPlaces & { readonly writer: WriterId };

/**
 * Takes sessions out of every commit of the refs that may be rewritten, drops the objects for good, and takes in what is left. That they are deleted is said
 * before, so that other clones know it for a purge. Safe beside pushes: one that builds on what is gone is refused.
 */
export async function purge(services: PurgeServices, project: string, order: PurgeOrder): Promise<Purged> {
  const { repositories, store, ingest } = services;
  const doomed = await doomedOf(services, project, order);
  const found = await holders(await repositories.open(project), doomed);
  const isOurs = (writer: WriterId): boolean => writer === serverWriter(project) || order.mayRewrite(writer);
  const others = found.filter(({ writer }) => !isOurs(writer));
  const repository = await repositories.open(project);
  const left = await Promise.all(order.sessions.map((session) => isHeld(repository, others, session)));
  const purged = order.sessions.filter((_, index) => left[index] === false);
  await sayDeleted(services, project, purged, order.name);
  const mine = new Set<string>(found.filter((one) => !others.includes(one)).map(({ writer }) => writer));
  if (mine.size > 0) await repositories.rewriting(project, (repository) => rewrite(services, repository, mine, doomed));
  for (const { writer } of found.filter((one) => mine.has(one.writer))) {
    await store.clear(project, writer);
    await ingest.take(project, writer);
  }
  const unreachable = others.map(({ writer }) => `writer ${writer} of another account has it: an owner can purge that`);
  return { purged, unreachable };
}

async function doomedOf(
  { repositories, store }: PurgeServices,
  project: string,
  { sessions, exchanges }: PurgeOrder,
): Promise<Doomed> {
  if (exchanges.length > 0) return { sessions, exchanges: new Set(exchanges) };
  const known = new Set<ExchangeId>();
  for (const { writer } of await writersOf(await repositories.open(project))) {
    for (const session of sessions) {
      const rows = (await store.known(project, writer, sessionPath(session)))?.exchanges ?? [];
      for (const { exchange } of rows) known.add(exchange);
    }
  }
  return { sessions, exchanges: known };
}

async function writersOf(repository: Repository): Promise<Holder[]> {
  const tips = (await writerTips(repository)).map(({ oid, ...tip }) => ({ ...tip, tip: oid }));
  return [...new Set(tips.map(({ writer }) => writer))].map((writer) => {
    const of = (wanted: 'history' | 'raw') => tips.filter((tip) => tip.writer === writer && tip.kind === wanted);
    return { writer, histories: of('history'), raws: of('raw') };
  });
}

/** The writers whose refs have, or ever had, something of it. */
async function holders(repository: Repository, doomed: Doomed): Promise<Holder[]> {
  const found: Holder[] = [];
  for (const one of await writersOf(repository)) {
    if ((await holdingRefs(repository, one, doomed)).length > 0) found.push(one);
  }
  return found;
}

async function isHeld(repository: Repository, among: readonly Holder[], session: SessionId): Promise<boolean> {
  for (const one of among) {
    if ((await holdingRefs(repository, one, { sessions: [session], exchanges: new Set() })).length > 0) return true;
  }
  return false;
}

/** Without it, every clone would take what is missing for an attack, and push its own copy again. */
async function sayDeleted(
  { store, annotator }: PurgeServices,
  project: string,
  sessions: readonly SessionId[],
  name: string,
): Promise<void> {
  const unsaid: SessionId[] = [];
  for (const session of sessions) if (!(await store.isDeleted(project, session))) unsaid.push(session);
  if (unsaid.length === 0) return;
  await annotator.delete(
    project,
    unsaid.map((session) => ({ session })),
    name,
  );
}

/** The refs are read once more: they may have moved on since they were looked at. */
async function rewrite(
  { redactor }: PurgeServices,
  repository: Repository,
  mine: ReadonlySet<string>,
  doomed: Doomed,
): Promise<void> {
  const how = { message: redactor.text(purgedMessage), who: serverIdentity };
  for (const one of await writersOf(repository)) {
    if (mine.has(one.writer)) await purgeRefs(repository, one, doomed, how);
  }
}
