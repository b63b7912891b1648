import type { Host } from '../../core/host.ts';
import { asObject, asText, isObject } from '../../core/json.ts';
import { agentIdSchema } from '../../core/session.ts';
import type { NativeRecord, Project, Source } from '../adapter.ts';
import { canonical, fileSource, headOf, peekDocument } from '../document-store.ts';
import { jsonl } from '../jsonl.ts';
import { projectWorkspaces, userFolders } from '../vscode-user.ts';
import { isSession, sessionItems } from './session-document.ts';

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

/**
 * One source per session. The same session may be in several places (a folder opened anew, a workspace made of a
 * folder) and in both formats: the log wins over the document beside it, then the copy that was written last.
 *
 * The extension's own transcripts are left out: they name prompts by other ids, so a conversation seen in both
 * would be kept twice, and they outlive chats that the person deleted.
 */
export function* findSources(host: Host, project: Project): Generator<Source> {
  const best = new Map<string, Source>();
  for (const folder of sessionFolders(host, project)) {
    for (const source of sourcesIn(host, folder)) {
      const known = best.get(source.key);
      if (known === undefined || known.modified < source.modified) best.set(source.key, source);
    }
  }
  yield* best.values();
}

function* sourcesIn(host: Host, folder: string): Generator<Source> {
  const names = host.files
    .list(folder)
    .filter(({ kind }) => kind === 'file')
    .map(({ name }) => name);
  for (const name of names) {
    const stem = /^(.+)\.jsonl?$/.exec(name)?.[1];
    if (stem === undefined || (name.endsWith('.json') && names.includes(`${name}l`))) continue;
    const source = fileSource(host, copilotideId, stem, [host.path.join(folder, name)]);
    if (source) yield source;
  }
}

/** The file as a source of its own: a session in either format, an export, or a transcript of the extension. */
export function* openFile(host: Host, path: string): Generator<Source> {
  const source = fileSource(host, copilotideId, path, [path]);
  if (source === undefined) return;
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
  return isTranscript(source) ? jsonl(host, source.path, from) : canonical(sessionItems(host, source.path));
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
