import { SpecstoryError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { rawPath } from '../../core/layout.ts';
import { TreeReader } from '../../git/tree-reader.ts';
import { serverWriter } from '../annotate/server-writer.ts';
import { changedItems, type Item } from '../ingest/changed-items.ts';
import type { Repositories } from '../repositories/repositories.ts';
import type { ReceivedRow, ReceivedStore } from '../store/received-store.ts';
import { parseReceived, receivedFile } from './documents.ts';
import type { Job, Written } from './session-writer.ts';

interface Services {
  readonly repositories: Repositories;
  readonly received: ReceivedStore;
}

/** Bytes of `received.json`. */
const largest = 4 << 20;

/**
 * Brings the rows about what was received up to the raw records of the server's own writer: what lies between the cursor and the tip is looked at. So
 * it may be ended at any moment and begun again, by anybody; after a purge, which took the cursor's commit away, all of it is made anew.
 */
export async function takeReceived(services: Services, project: string): Promise<void> {
  for (;;) {
    try {
      return await take(services, project);
    } catch (thrown) {
      // Another server was faster: what it left is looked at once more.
      if (!(thrown instanceof SpecstoryError && thrown.kind === 'conflict')) throw thrown;
    }
  }
}

/** Notes what a batch of this server has just written; what else there may be is looked for only when the rows do not stand where it began. */
export async function noteReceived(
  services: Services,
  project: string,
  { outcomes, raw: { from, to } }: Written,
  jobs: readonly Job[],
): Promise<void> {
  if (from === to || to === undefined) return;
  const put = new Map<string, ReceivedRow>();
  const gone = new Set<string>();
  for (const [index, job] of jobs.entries()) {
    const outcome = outcomes[index];
    const path = rawPath(job.kind === 'put' ? job.prepared.session : job.session);
    if (typeof outcome === 'object' && 'kept' in outcome) put.set(path, outcome.kept);
    else if (typeof outcome === 'string') gone.add(path);
  }
  try {
    await services.received.apply({ project, from, to, put: [...put.values()], gone: [...gone] });
  } catch (thrown) {
    if (!(thrown instanceof SpecstoryError && thrown.kind === 'conflict')) throw thrown;
    await takeReceived(services, project);
  }
}

async function take({ repositories, received }: Services, project: string): Promise<void> {
  const from = await received.cursor(project);
  const to = await rawTip(repositories, project);
  if (from === to) return;
  if (to === undefined) return received.clear(project);
  const reader = new TreeReader(await repositories.open(project));
  try {
    if (from !== undefined && !(await reader.root(from))) {
      await received.clear(project);
      return await step({ received, reader, project }, undefined, to);
    }
    await step({ received, reader, project }, from, to);
  } finally {
    await reader.close();
  }
}

async function rawTip(repositories: Repositories, project: string): Promise<ObjectId | undefined> {
  const writer = serverWriter(project);
  return (await repositories.tips(project)).find((tip) => tip.writer === writer && tip.kind === 'raw')?.oid;
}

interface Taking {
  readonly received: ReceivedStore;
  readonly reader: TreeReader;
  readonly project: string;
}

async function step({ received, reader, project }: Taking, from: ObjectId | undefined, to: ObjectId): Promise<void> {
  const put: ReceivedRow[] = [];
  const gone: string[] = [];
  let group: Item[] = [];
  const look = async (): Promise<void> => {
    const rows = await Promise.all(group.map((item) => rowOf(reader, item)));
    for (const [index, row] of rows.entries()) {
      if (row) put.push(row);
      else gone.push(group[index]?.path ?? '');
    }
    group = [];
  };
  for await (const item of changedItems(reader, from, to, '', ['raw'])) if (group.push(item) === 64) await look();
  await look();
  await received.apply({ project, from, to, put, gone });
}

async function rowOf(reader: TreeReader, { path, entry }: Item): Promise<ReceivedRow | undefined> {
  if (!entry?.isFolder) return undefined;
  const folder = (await reader.entries(entry.oid)).find(({ name, isFolder }) => name === 'received' && isFolder);
  const file = (await reader.entries(folder?.oid)).find(({ name }) => name === receivedFile);
  if (!file) return undefined;
  const content = await reader.content(file.oid, largest);
  return content && parseReceived(parseJson(content.toString('utf8')), path);
}
