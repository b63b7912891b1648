import type { Host } from '../../core/host.ts';
import type { Adapter } from '../adapter.ts';
import { foldersIn } from '../cursor-data.ts';
import { CursorMessageFold } from '../cursor-message-fold.ts';
import { cursorFolders, transcriptFolders } from '../cursor-transcripts.ts';
import { isDatabase } from '../database.ts';
import { jsonl } from '../jsonl.ts';
import { chatFolders, cursorId, findSources, openFile } from './find.ts';
import { cursorHooks } from './hooks.ts';
import { storeRecords } from './store.ts';

/**
 * Cursor's command line (`cursor-agent`): `~/.cursor/chats/<md5 of the folder>/<id>/store.db`, and for conversations
 * that are in no database the lines of `~/.cursor/projects/<slug>/agent-transcripts`.
 */
export const cursor: Adapter = {
  id: cursorId,
  label: 'Cursor CLI',
  provider: 'cursor',

  places(host, project) {
    const all = cursorFolders(host).map((folder) => host.path.join(folder, 'chats'));
    const ours = [...chatFolders(host, project), ...transcriptFolders(host, project)];
    return [...all, ...ours.flatMap((folder) => [folder, ...foldersIn(host, folder)])];
  },
  find: findSources,
  open: openFile,
  records: (host, { path }, from) => (isStore(host, path) ? storeRecords(host, path) : jsonl(host, path, from)),
  parser: (context, state) => new CursorMessageFold(context, state),
  hooks: cursorHooks,
};

function isStore(host: Host, path: string): boolean {
  return host.path.basename(path) === 'store.db' || isDatabase(host, path);
}
