import type { Adapter } from '../adapter.ts';
import { GeminiFold } from './gemini-fold.ts';
import { geminiHooks } from './hooks.ts';
import { projectFolders, projectsFolder } from './project-folders.ts';
import { findSources, geminiId, openFile, sourceRecords } from './sources.ts';

/**
 * Gemini CLI: `~/.gemini/tmp/<project>/chats`, one JSON document (before 0.40) or one log per conversation. A log is
 * read whole, because messages are written again as they grow and can be taken back.
 */
export const gemini: Adapter = {
  id: geminiId,
  label: 'Gemini CLI',
  provider: 'gemini-cli',

  places(host, project) {
    const all = projectsFolder(host);
    const chats = projectFolders(host, project).map((folder) => host.path.join(folder, 'chats'));
    return all === undefined ? [] : [all, ...chats];
  },
  find: findSources,
  open: openFile,
  records: (host, source) => sourceRecords(host, source),
  parser: (context, state) => new GeminiFold(context, state),
  hooks: geminiHooks,
};
