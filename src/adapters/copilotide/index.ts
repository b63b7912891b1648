import type { Adapter } from '../adapter.ts';
import { CopilotideFold } from './copilotide-fold.ts';
import {
  codeUserFolders,
  copilotideId,
  findSources,
  isTranscript,
  openFile,
  otherFolders,
  sessionFolders,
  sourceRecords,
} from './sources.ts';
import { TranscriptFold } from './transcript-fold.ts';

/**
 * GitHub Copilot in VS Code: `workspaceStorage/<id>/chatSessions`, one JSON document (before 1.109) or one log of
 * changes per session. A log is replaced now and then, so it is read whole. Chats of windows without a folder are in
 * `globalStorage/emptyWindowChatSessions`; those until 2024 in a workspace's `state.vscdb`.
 */
export const copilotide: Adapter = {
  id: copilotideId,
  label: 'VS Code Copilot IDE',
  provider: 'copilotide',

  places(host, project) {
    const storages = codeUserFolders(host).map((user) => host.path.join(user, 'workspaceStorage'));
    return [...storages, ...sessionFolders(host, project), ...otherFolders(host)];
  },
  find: findSources,
  open: openFile,
  records: sourceRecords,
  parser: (context, state) =>
    isTranscript(context.source) ? new TranscriptFold(context, state) : new CopilotideFold(context, state),
};
