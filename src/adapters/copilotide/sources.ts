import type { Host } from '../../core/host.ts';
import { asNumber, asObject, asText, isObject } from '../../core/json.ts';
import { agentIdSchema } from '../../core/session.ts';
import type { Known, NativeRecord, Project, Source } from '../adapter.ts';
import { isDatabase } from '../database.ts';
import { canonical, fileSource, headOf, peekDocument } from '../document-store.ts';
import { jsonl } from '../jsonl.ts';
import { projectWorkspaces, userFolders } from '../vscode-user.ts';
import { editingState } from './editing-session.ts';
import { emptyWindowFolders, isAbout } from './empty-window.ts';
import { interactiveSessions } from './interactive-sessions.ts';
import { isSession, sessionItems, storedItems } from './session-document.ts';

export const copilotideId = agentIdSchema.parse('copilotide');

const products = [
  { name: 'Code', flatpak: 'com.visualstudio.code' },
  { name: 'Code - Insiders', flatpak: 'com.visualstudio.code.insiders' },
  { name: 'VSCodium', flatpak: 'com.vscodium.codium' },
  { name: 'Code - OSS', flatpak: 'com.visualstudio.code-oss' },
];

/** The `User` folders of VS Code and its free builds. */
export function codeUserFolders(host: Host): string[] {
  return userFolders(host, products);
}

/** The folders with this project's sessions. */
export function sessionFolders(host: Host, project: Project): string[] {
  const ours = projectWorkspaces(host, codeUserFolders(host), project);
  return ours.map(({ storage }) => host.path.join(storage, 'chatSessions'));
}

/** The folders with chats that say only inside whose they are. */
export function otherFolders(host: Host): string[] {
  return emptyWindowFolders(host, codeUserFolders(host));
}

/**
 * One source per session. The same session may be in several places (a folder opened anew, a workspace made of a
 * folder, an empty window that got a folder) and in both formats: the log wins over the document beside it, then the copy
 * that was written last. A chat of an empty window is the project's when it is about files of the project.
 *
 * The extension's own transcripts are left out: they name prompts by other ids, so a conversation seen in both
 * would be kept twice, and they outlive chats that the person deleted.
 */
export function* findSources(host: Host, project: Project, known?: Known): Generator<Source> {
  const best = new Map<string, Source>();
  const take = (source: Source) => {
    const other = best.get(source.key);
    if (other === undefined || other.modified < source.modified) best.set(source.key, source);
  };
  for (const folder of sessionFolders(host, project)) {
    const files = [...sourcesIn(host, folder)];
    for (const source of files) take(source);
    for (const source of olderSources(host, folder, files, known)) if (!best.has(source.key)) take(source);
  }
  for (const folder of otherFolders(host))
    for (const source of sourcesIn(host, folder)) if (isOurs(host, source, project, known)) take(source);
  yield* best.values();
}

/** A chat that is about something else is looked into again when it has changed. */
function isOurs(host: Host, { key, path, version }: Source, project: Project, known: Known | undefined): boolean {
  const seen = `${key}@${version}`;
  const told = known?.get(key) === true ? true : known?.get(seen);
  if (told !== undefined) return told;
  const belongs = isAbout(host, path, project);
  known?.set(belongs ? key : seen, belongs);
  return belongs;
}

function* sourcesIn(host: Host, folder: string): Generator<Source> {
  const names = host.files
    .list(folder)
    .filter(({ kind }) => kind === 'file')
    .map(({ name }) => name);
  if (names.length === 0) return;
  const storage = host.path.dirname(folder);
  const edited = new Set(host.files.list(host.path.join(storage, 'chatEditingSessions')).map(({ name }) => name));
  for (const name of names) {
    const stem = /^(.+)\.jsonl?$/.exec(name)?.[1];
    if (stem === undefined || (name.endsWith('.json') && names.includes(`${name}l`))) continue;
    const file = host.path.join(folder, name);
    const state = edited.has(stem) ? editingState(host, storage, stem) : file;
    const source = fileSource(host, copilotideId, stem, host.files.stat(state) ? [...new Set([state, file])] : [file]);
    if (source) yield source;
  }
}

/** The sessions in the database beside a folder. Versions that write files put none there, so without any it is looked into once. */
function olderSources(host: Host, folder: string, files: readonly Source[], known: Known | undefined): Source[] {
  const path = host.path.join(host.path.dirname(folder), 'state.vscdb');
  if (known?.get(path) === false) return [];
  const sources = databaseSources(host, path);
  if (sources.length === 0 && files.length > 0) known?.set(path, false);
  return sources;
}

/** The sessions that are in a database. */
function databaseSources(host: Host, path: string): Source[] {
  const modified = host.files.stat(path)?.modified ?? 0;
  return interactiveSessions(host, path).map(({ id, version, value }) => ({
    agent: copilotideId,
    key: id,
    path,
    version,
    modified: asNumber(value.lastMessageDate) ?? asNumber(value.creationDate) ?? modified,
    appendOnly: false,
  }));
}

/** The file as a source of its own: a session in either format, an export, or a transcript of the extension. */
export function* openFile(host: Host, path: string): Generator<Source> {
  const source = fileSource(host, copilotideId, path, [path]);
  if (source === undefined) return;
  if (isDatabase(host, path)) return yield* databaseSources(host, path);
  const kind = kindOf(host, path);
  if (kind === 'transcript') yield { ...source, key: `${transcript}${path}`, appendOnly: true };
  else if (kind === 'session') yield source;
}

const transcript = 'transcript:';

export function isTranscript({ key }: Source): boolean {
  return key.startsWith(transcript);
}

/** The records of a source. Throws `unavailable` when a session's file is half written. */
export function sourceRecords(host: Host, source: Source, from: number): Iterable<NativeRecord> {
  const { key, path } = source;
  if (isTranscript(source)) return jsonl(host, path, from);
  if (!isDatabase(host, path)) return canonical(sessionItems(host, path));
  const session = interactiveSessions(host, path).find(({ id }) => id === key);
  return session ? canonical(storedItems(host, path, key, session.value)) : [];
}

function kindOf(host: Host, path: string): 'session' | 'transcript' | undefined {
  for (const { value, text } of jsonl(host, path)) {
    if (value === undefined && text.trim() === '{') break;
    const { kind, v, type, data } = asObject(value);
    // Copilot CLI writes the same events; only here do they name a version of VS Code.
    if (type === 'session.start') return asText(asObject(data).vscodeVersion) ? 'transcript' : undefined;
    return isSession(value) || (kind === 0 && isObject(v) && isSession({ requests: [], ...v })) ? 'session' : undefined;
  }
  return isSession(peekDocument(host, path)) || isHalfSession(headOf(host, path)) ? 'session' : undefined;
}

/** A document cut short is still one of ours: reading it says why it cannot be read. */
function isHalfSession(head: string): boolean {
  return /^\s*\{/.test(head) && /"requests"\s*:\s*\[/.test(head) && /"(?:requester|responder)Username"/.test(head);
}
