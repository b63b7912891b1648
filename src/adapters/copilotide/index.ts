import type { Adapter } from '../adapter.ts';
import { CopilotideFold } from './copilotide-fold.ts';
import {
  codeUserFolders,
  copilotideId,
  findSources,
  isTranscript,
  openFile,
  sessionFolders,
  sourceRecords,
} from './sources.ts';
import { TranscriptFold } from './transcript-fold.ts';

/**
 * GitHub Copilot in VS Code: `workspaceStorage/<id>/chatSessions`, one JSON document (before 1.109) or one log of
 * changes per session. A log is replaced now and then, so it is read whole. Chats of windows without a folder belong
 * to no project and are read by `open` only.
 */
export const copilotide: Adapter = {
  id: copilotideId,
  label: 'VS Code Copilot IDE',
  provider: 'copilotide',

  places(host, project) {
    const storages = codeUserFolders(host).map((user) => host.path.join(user, 'workspaceStorage'));
    return [...storages, ...sessionFolders(host, project)];
  },
  find: (host, project) => findSources(host, project),
  open: openFile,
  records: sourceRecords,
  parser: (context, state) =>
    isTranscript(context.source) ? new TranscriptFold(context, state) : new CopilotideFold(context, state),
};
