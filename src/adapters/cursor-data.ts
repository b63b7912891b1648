import type { Host } from '../core/host.ts';
import { userFolders } from './vscode-user.ts';

/** Every `User` folder of Cursor that may be on this machine, Nightly and Insiders included. */
export function cursorUserFolders(host: Host): string[] {
  return userFolders(host, [
    { name: 'Cursor', server: '.cursor-server' },
    { name: 'Cursor Nightly' },
    { name: 'Cursor - Insiders' },
  ]);
}

/** The database of a `User` folder that holds the conversations of all its windows. */
export function globalDatabase(host: Host, user: string): string {
  return host.path.join(user, 'globalStorage', 'state.vscdb');
}

/** The folders in a folder. */
export function foldersIn(host: Host, folder: string): string[] {
  const folders = host.files.list(folder).filter(({ kind }) => kind === 'folder');
  return folders.map(({ name }) => host.path.join(folder, name));
}

/** The keys of all messages of a conversation lie from the first (included) to the second. */
export function bubbleKeys(conversation: string): [string, string] {
  return [`bubbleId:${conversation}:`, `bubbleId:${conversation};`];
}
