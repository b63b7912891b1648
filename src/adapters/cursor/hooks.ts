import type { Host } from '../../core/host.ts';
import type { FileEdit, Project } from '../adapter.ts';
import { settingsEdit } from '../settings-json.ts';

/** When a conversation has grown. Versions of the command line that know only shell events ignore these. */
const events = ['stop', 'sessionEnd', 'subagentStop', 'preCompact'];

/**
 * Cursor, in the editor and on the command line, calls us by `~/.cursor/hooks.json`: the file of a project is committed, this one is
 * the person's own. Cursor reads what a hook prints as JSON, so `command` must be silent.
 */
export function cursorHooks(host: Host, _project: Project, command: string): FileEdit[] {
  if (host.home === undefined) return [];
  const path = host.path.join(host.home, '.cursor', 'hooks.json');
  return [settingsEdit({ path, scope: 'user', command, seed: { version: 1 }, events, entry: { command } })];
}
