import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Database, Host } from '../../core/host.ts';
import { digest } from '../../core/ids.ts';
import { asObject, asText, isObject } from '../../core/json.ts';
import { isInside } from '../../core/paths.ts';
import { agentIdSchema } from '../../core/session.ts';
import type { Known, Project, Source } from '../adapter.ts';
import { bubbleKeys, cursorUserFolders, foldersIn, globalDatabase } from '../cursor-data.ts';
import { editorStateOf } from '../cursor-state.ts';
import { cursorFolders, rootForms, type Transcript, transcripts } from '../cursor-transcripts.ts';
import { attempt, isDatabase, tablesOf, withDatabase } from '../database.ts';
import { fileSource } from '../document-store.ts';
import { jsonl } from '../jsonl.ts';
import { metaOf, workspaceOf } from './store.ts';

export const cursorId = agentIdSchema.parse('cursor');

/** The conversations of this project: databases first, then transcripts of conversations that no database has. */
export function* findSources(host: Host, project: Project, known?: Known): Generator<Source> {
  const seen = new Set<string>();
  for (const folder of chatFolders(host, project, known)) {
    for (const { name } of host.files.list(folder)) {
      const source = storeSource(host, name, host.path.join(folder, name, 'store.db'));
      if (source && !seen.has(name)) yield source;
      if (source) seen.add(name);
    }
  }
  const mirrored = [...transcripts(host, project)].filter(({ id }) => !seen.has(id));
  const inEditor = conversationsOfEditor(host, mirrored);
  for (const { id, parent, path } of mirrored) {
    const source =
      seen.has(id) || inEditor.has(id)
        ? undefined
        : transcriptSource(host, { id, path, ...(parent ? { parent } : {}) });
    if (source) yield source;
    seen.add(id);
  }
}

/** The folders `chats/<md5 of the folder>` of this project. */
export function chatFolders(host: Host, project: Project, known?: Known): string[] {
  const roots = rootForms(host, project);
  const hashes = new Set(roots.map((root) => bytesToHex(md5(utf8ToBytes(root)))));
  const ours = (folder: string) => {
    if (hashes.has(host.path.basename(folder))) return true;
    const before = known?.get(folder);
    const cwd = before === undefined ? cwdOf(host, folder) : undefined;
    if (cwd === undefined) return before === true;
    const belongs = [cwd, host.files.real(cwd)].some((path) => roots.some((root) => isInside(path, root)));
    known?.set(folder, belongs);
    return belongs;
  };
  return cursorFolders(host).flatMap((folder) => foldersIn(host, host.path.join(folder, 'chats')).filter(ours));
}

/** The source in a file that a person named, whatever its name. */
export function* openFile(host: Host, path: string): Generator<Source> {
  if (isDatabase(host, path)) {
    const meta = attempt(() => withDatabase(host, path, metaOf));
    const id = asText(meta?.agentId) ?? host.path.basename(host.path.dirname(path));
    const source = meta && storeSource(host, id, path);
    if (source) yield source;
    return;
  }
  const first = firstMessage(host, path);
  if (first === undefined) return;
  const stem = host.path.basename(path).replace(/\.[^.]*$/, '');
  const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(stem)
    ? stem
    : `transcript-${digest(first).slice(0, 12)}`;
  const source = transcriptSource(host, { id, path });
  if (source) yield source;
}

/** The first conversation of a folder that says where it was held speaks for all: the folder's name is a hash of the place. */
function cwdOf(host: Host, folder: string): string | undefined {
  for (const chat of foldersIn(host, folder).slice(0, 3)) {
    const cwd = workspaceOf(host, chat);
    if (cwd !== undefined) return cwd;
  }
  return undefined;
}

function storeSource(host: Host, id: string, path: string): Source | undefined {
  const wal = `${path}-wal`;
  const files = host.files.stat(wal)?.kind === 'file' ? [wal, path] : [path];
  return fileSource(host, cursorId, id, files);
}

/** Not append-only: resuming without a terminal writes the whole transcript again. */
function transcriptSource(host: Host, { id, parent, path }: Transcript): Source | undefined {
  return fileSource(host, cursorId, parent === undefined ? id : `${parent}/${id}`, [path]);
}

/** The ones whose messages the editor's database has: its adapter reads them from there, with more detail. */
function conversationsOfEditor(host: Host, mirrored: readonly Transcript[]): Set<string> {
  const found = new Set<string>();
  if (mirrored.length === 0) return found;
  for (const user of cursorUserFolders(host)) {
    const path = globalDatabase(host, user);
    if (host.files.stat(path)?.kind !== 'file') continue;
    attempt(() =>
      withDatabase(host, path, (database) => {
        if (!tablesOf(database).has('cursorDiskKV')) return;
        for (const { id } of mirrored) if (isInEditor(database, id)) found.add(id);
      }),
    );
  }
  return found;
}

function isInEditor(database: Database, id: string): boolean {
  const sql = 'SELECT 1 AS one FROM cursorDiskKV WHERE key >= ? AND key < ? LIMIT 1';
  return [...database.rows(sql, bubbleKeys(id))].length > 0 || editorStateOf(database, id) !== undefined;
}

/** The first line of a transcript of Cursor: `role` and `message`, and none of the ids that other agents write. */
function firstMessage(host: Host, path: string): string | undefined {
  return attempt(() => {
    for (const { value, text } of jsonl(host, path)) {
      if (!isObject(value)) return undefined;
      if (value.type === 'turn_ended' || value.type === 'error') continue;
      const said = value.role === 'user' || value.role === 'assistant';
      const foreign = ['uuid', 'sessionId', 'type', 'id'].some((name) => name in value);
      return said && !foreign && Array.isArray(asObject(value.message).content) ? text : undefined;
    }
    return undefined;
  });
}
