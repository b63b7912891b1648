import type { Adapter } from '../adapter.ts';
import { cursorUserFolders, globalDatabase } from '../cursor-data.ts';
import { projectWorkspaces } from '../vscode-user.ts';
import { ConversationFold } from './conversation-fold.ts';
import { cursorideId, findSources, openFile } from './find.ts';
import { conversationRecords } from './records.ts';

/**
 * Cursor's editor, all generations until version 3: chat tabs and composers in the database of a workspace, then in the
 * one database of all windows, one row per message. Databases are read in place, with what is still in their WAL.
 */
export const cursoride: Adapter = {
  id: cursorideId,
  label: 'Cursor IDE',
  provider: 'cursoride',

  places(host, project) {
    const users = cursorUserFolders(host);
    const own = projectWorkspaces(host, users, project).map(({ storage }) => host.path.join(storage, 'state.vscdb'));
    const written = [...users.map((user) => globalDatabase(host, user)), ...own];
    const workspaces = users.map((user) => host.path.join(user, 'workspaceStorage'));
    return [...workspaces, ...written.flatMap((path) => [path, `${path}-wal`])];
  },
  find: findSources,
  open: openFile,
  records: conversationRecords,
  parser: (context, state) => new ConversationFold(context, state),
};
