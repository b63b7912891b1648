import type { Host } from '../../core/host.ts';
import { asArray, isObject, parseJson } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { fromUri, isInside } from '../../core/paths.ts';
import type { Project } from '../adapter.ts';
import { attempt } from '../database.ts';
import { readSession } from './session-document.ts';

/** `workspaceStorage` folders of windows without a folder: named after nothing, or after the time they were opened. */
const unnamed = /^(?:no-workspace|\d{10,})$/;

/** The folders with chats of windows without a folder, and of those on their way to another window. */
export function emptyWindowFolders(host: Host, users: readonly string[]): string[] {
  const { join } = host.path;
  return users.flatMap((user) => {
    const storage = join(user, 'workspaceStorage');
    const windows = host.files.list(storage).filter(({ name, kind }) => kind === 'folder' && unnamed.test(name));
    return [
      ...['emptyWindowChatSessions', 'transferredChatSessions'].map((name) => join(user, 'globalStorage', name)),
      ...windows.map(({ name }) => join(storage, name, 'chatSessions')),
    ];
  });
}

/** Whether files of the project were edited, read or attached in a session. Reads it; one that cannot be read is not the project's. */
export function isAbout(host: Host, path: string, { roots }: Project): boolean {
  const session = attempt(() => readSession(host, path).state);
  const ours = (place: string) => roots.some((root) => isInside(place, root));
  return asArray(session?.requests).some((request) => [...placesIn(request, 0)].some(ours));
}

/** The files that a request names as such: addresses, and arguments of tools. */
function* placesIn(value: unknown, depth: number): Generator<string> {
  if (depth > limits.depth) return;
  if (Array.isArray(value)) for (const item of asArray(value)) yield* placesIn(item, depth + 1);
  if (!isObject(value)) return;
  for (const name of value.scheme === 'file' ? ['path', 'fsPath', 'filePath'] : ['fsPath', 'filePath']) {
    const place = value[name];
    if (typeof place === 'string') yield fromUri(place);
  }
  for (const [name, item] of Object.entries(value)) {
    yield* placesIn(name === 'arguments' && typeof item === 'string' ? parseJson(item) : item, depth + 1);
  }
}
