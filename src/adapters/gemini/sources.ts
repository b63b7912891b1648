import type { Host } from '../../core/host.ts';
import { asArray, asObject, asText, isObject } from '../../core/json.ts';
import { agentIdSchema } from '../../core/session.ts';
import type { NativeRecord, Project, Source } from '../adapter.ts';
import { canonical, fileSource, headOf, peekDocument } from '../document-store.ts';
import { jsonl } from '../jsonl.ts';
import { readLog } from './log.ts';
import { markedRoot, projectFolders } from './project-folders.ts';
import { sessionFiles } from './session-files.ts';

export const geminiId = agentIdSchema.parse('gemini');

/** One source per conversation, however many files it has; sub-agents' are in a folder named after the parent session. */
export function* findSources(host: Host, project: Project): Generator<Source> {
  for (const folder of projectFolders(host, project)) {
    const chats = host.path.join(folder, 'chats');
    const parents = host.files.list(chats).filter(({ kind }) => kind === 'folder');
    yield* sourcesIn(host, chats);
    for (const { name } of parents) yield* sourcesIn(host, host.path.join(chats, name));
  }
}

function* sourcesIn(host: Host, folder: string): Generator<Source> {
  for (const { name, files } of sessionFiles(host, folder)) {
    const source = fileSource(host, geminiId, keyOf(host, folder, name), files);
    if (source) yield source;
  }
}

/** Folder and name of the conversation: the path of its newest file would change with a resume. */
function keyOf(host: Host, folder: string, name: string): string {
  return `${folder}${host.path.sep}*${name}`;
}

/** The file as a source of its own, when what is in it was written by Gemini CLI. */
export function* openFile(host: Host, path: string): Generator<Source> {
  const source = fileSource(host, geminiId, path, [path]);
  if (source && looksLikeGemini(host, path)) yield source;
}

/** One record for what is known of the conversation, then its messages. Throws `unavailable` when a file is half written. */
export function* sourceRecords(host: Host, source: Source): Generator<NativeRecord> {
  const folder = host.path.dirname(source.path);
  const together = sessionFiles(host, folder).find(({ name }) => keyOf(host, folder, name) === source.key);
  const { header, items } = readLog(host, source.key === source.path ? [source.path] : (together?.files ?? []));
  yield* canonical([{ value: { $header: { ...header, ...surroundings(host, source.path) } } }, ...items]);
}

/** What the place of a file says of the conversation in it. */
function surroundings(host: Host, path: string): { fileName: string; parent?: string; projectRoot?: string } {
  const { basename, dirname } = host.path;
  const folder = dirname(path);
  const below = basename(dirname(folder)) === 'chats';
  const projectRoot = markedRoot(host, dirname(below ? dirname(folder) : folder));
  return {
    fileName: basename(path).replace(/\.jsonl?$/, ''),
    ...(below ? { parent: basename(folder) } : {}),
    ...(projectRoot === undefined ? {} : { projectRoot }),
  };
}

/** Lines looked at before a log without a metadata line is given up. */
const enough = 20;

function looksLikeGemini(host: Host, path: string): boolean {
  let seen = 0;
  for (const { value, text } of jsonl(host, path)) {
    if (value === undefined && seen === 0 && text.trim() === '{') break;
    const record = asObject(value);
    if (isConversation(record) || isLine(record)) return true;
    if (++seen >= enough) break;
  }
  return seen === 0 && (isConversation(asObject(peekDocument(host, path))) || isHalfConversation(headOf(host, path)));
}

function isLine(record: { readonly [key: string]: unknown }): boolean {
  const metadata = asText(record.sessionId) !== undefined && asText(record.projectHash) !== undefined;
  return metadata || (record.type === 'gemini' && asText(record.id) !== undefined) || isObject(record.$set);
}

function isConversation(document: { readonly [key: string]: unknown }): boolean {
  if (!Array.isArray(document.messages)) return false;
  return (
    asText(document.projectHash) !== undefined ||
    asArray(document.messages).some((message) => asObject(message).type === 'gemini')
  );
}

/** A document cut short is still one of ours: reading it says why it cannot be read. */
function isHalfConversation(head: string): boolean {
  return /^\s*\{/.test(head) && /"messages"\s*:\s*\[/.test(head) && /"projectHash"|"type"\s*:\s*"gemini"/.test(head);
}
