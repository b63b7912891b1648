import type { Host } from '../../core/host.ts';
import type { FileEdit, Project } from '../adapter.ts';
import { settingsEdit } from '../settings-json.ts';
import { projectsFolder } from './project-folders.ts';

/** When a conversation has grown: after a turn and at the end. */
const events = ['AfterAgent', 'SessionEnd'];

/**
 * Gemini CLI calls us by `settings.json` in its own folder: the one of a project is committed. It takes what a hook prints for a
 * message, so `command` must be silent. The timeout is in milliseconds. Versions that ask for `tools.enableHooks` ignore it unless set.
 */
export function geminiHooks(host: Host, _project: Project, command: string): FileEdit[] {
  const projects = projectsFolder(host);
  if (projects === undefined) return [];
  const path = host.path.join(host.path.dirname(projects), 'settings.json');
  const entry = { hooks: [{ name: 'specstory', type: 'command', command, timeout: 10_000 }] };
  return [settingsEdit({ path, scope: 'user', command, events, entry })];
}
