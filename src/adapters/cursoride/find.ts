import type { Database, Host } from '../../core/host.ts';
import { isInside } from '../../core/paths.ts';
import { agentIdSchema } from '../../core/session.ts';
import type { Known, Project, Source } from '../adapter.ts';
import { cursorUserFolders, globalDatabase } from '../cursor-data.ts';
import { rootForms, transcripts } from '../cursor-transcripts.ts';
import { attempt, isDatabase, withDatabase } from '../database.ts';
import { fileSource } from '../document-store.ts';
import { projectWorkspaces } from '../vscode-user.ts';
import { conversations, extent, type Header, headers, isGlobal, probedHeaders } from './global-store.ts';
import { inlineVersion, type WorkspaceList, workspaceList } from './workspace-store.ts';

export const cursorideId = agentIdSchema.parse('cursoride');

/** The key of a source that stands for a database that could not be listed: reading it says why. */
export const brokenKey = 'database:';

/** The conversations of this project: those in the global database first, then those that a workspace holds itself. */
export function* findSources(host: Host, project: Project, known?: Known): Generator<Source> {
  const seen = new Set<string>();
  for (const user of cursorUserFolders(host)) {
    for (const source of ofUser(host, project, user, known)) {
      if (!seen.has(source.key)) yield source;
      seen.add(source.key);
    }
  }
}

/** The sources in a database that a person named, whatever its name. */
export function* openFile(host: Host, path: string): Generator<Source> {
  if (!isDatabase(host, path)) return;
  const all = attempt(() =>
    withDatabase(host, path, (database) =>
      isGlobal(database) ? globalSources(host, path, database, conversations(database)) : [],
    ),
  );
  const list = attempt(() => workspaceList(host, path));
  const known = new Set(all?.map(({ key }) => key));
  yield* all ?? [];
  yield* inlineSources(host, path, list).filter(({ key }) => !known.has(key));
}

function* ofUser(host: Host, project: Project, user: string, known: Known | undefined): Generator<Source> {
  const ours = new Set<string>();
  const updated = new Map<string, number | undefined>();
  const own: Source[] = [];
  const spaces = projectWorkspaces(host, [user], project).map(({ storage }) => storage);
  for (const storage of spaces) {
    const path = host.path.join(storage, 'state.vscdb');
    if (host.files.stat(path)?.kind !== 'file') continue;
    const list = attempt(() => workspaceList(host, path));
    if (list === undefined) own.push(...broken(host, path));
    for (const [id, at] of list?.listed ?? []) updated.set(id, at);
    own.push(...inlineSources(host, path, list));
  }
  const path = globalDatabase(host, user);
  if (host.files.stat(path)?.kind === 'file') {
    for (const id of updated.keys()) ours.add(id);
    for (const { id } of transcripts(host, project)) ours.add(id);
    const ids = spaces.map((storage) => host.path.basename(storage));
    const found = attempt(() =>
      withDatabase(host, path, (database) => listGlobal(host, path, database, { project, ids, ours, updated, known })),
    );
    yield* found ?? broken(host, path);
  }
  yield* own;
}

interface Wanted {
  readonly project: Project;
  /** The workspaces of the project. */
  readonly ids: readonly string[];
  /** Conversations that are known to be of the project. */
  readonly ours: ReadonlySet<string>;
  readonly updated: ReadonlyMap<string, number | undefined>;
  readonly known: Known | undefined;
}

function listGlobal(host: Host, path: string, database: Database, wanted: Wanted): Source[] {
  if (!isGlobal(database)) return [];
  const listed = headers(database);
  const named = new Set([...listed.map(({ id }) => id), ...wanted.ours]);
  const rows = conversations(database);
  const rest = wanted.ids.length > 0 ? [...rows.keys()].filter((id) => !named.has(id)) : [];
  const asked = rest.filter((id) => wanted.known?.get(id) === undefined);
  const probed = probedHeaders(database, asked);
  const remembered = rest.filter((id) => wanted.known?.get(id) === true);
  const all = [...listed, ...probed];
  const ids = family(all, new Set([...ofProject(host, all, wanted), ...remembered]));
  for (const { id } of probed) wanted.known?.set(id, ids.has(id));
  const times = new Map([...wanted.updated, ...all.map(({ id, updated }) => [id, updated] as const)]);
  const drafts = new Set(all.flatMap(({ id, draft }) => (draft ? [id] : [])));
  const ours = new Map([...rows].filter(([id]) => ids.has(id)));
  return globalSources(host, path, database, ours, { times, drafts });
}

function ofProject(host: Host, all: readonly Header[], { project, ids, ours }: Wanted): Set<string> {
  const roots = rootForms(host, project);
  const inProject = (folder: string) =>
    [folder, host.files.real(folder)].some((path) => roots.some((root) => isInside(path, root)));
  const folders = new Map<string, boolean>();
  const found = all.filter(({ workspace, folder }) => {
    if (workspace !== undefined && ids.includes(workspace)) return true;
    if (folder === undefined) return false;
    const known = folders.get(folder) ?? inProject(folder);
    folders.set(folder, known);
    return known;
  });
  return new Set([...ours, ...found.map(({ id }) => id)]);
}

/** These conversations and all sub-agents below them. */
function family(all: readonly Header[], ids: Set<string>): Set<string> {
  const next = all.filter(({ id, parent }) => parent !== undefined && ids.has(parent) && !ids.has(id));
  return next.length === 0 ? ids : family(all, new Set([...ids, ...next.map(({ id }) => id)]));
}

interface Learnt {
  readonly times: ReadonlyMap<string, number | undefined>;
  /** Conversations that nobody has started: skipped unless they have messages. */
  readonly drafts: ReadonlySet<string>;
}

function globalSources(
  host: Host,
  path: string,
  database: Database,
  rows: ReadonlyMap<string, number>,
  learnt?: Learnt,
): Source[] {
  const modified = host.files.stat(path)?.modified ?? 0;
  return [...rows].flatMap(([key, row]) => {
    const { version, messages } = extent(database, key, row);
    if (messages === 0 && learnt?.drafts.has(key)) return [];
    const at = learnt?.times.get(key);
    const dated = at === undefined ? version : `${at}-${version}`;
    return [{ agent: cursorideId, key, path, version: dated, modified: at ?? modified, appendOnly: false }];
  });
}

function inlineSources(host: Host, path: string, list: WorkspaceList | undefined): Source[] {
  const modified = host.files.stat(path)?.modified ?? 0;
  return (list?.inline ?? []).map((conversation) => ({
    agent: cursorideId,
    key: conversation.id,
    path,
    version: inlineVersion(conversation),
    modified: list?.listed.get(conversation.id) ?? modified,
    appendOnly: false,
  }));
}

function broken(host: Host, path: string): Source[] {
  const source = fileSource(host, cursorideId, `${brokenKey}${path}`, [path]);
  return source ? [source] : [];
}
