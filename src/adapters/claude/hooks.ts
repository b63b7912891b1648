import type { Host } from '../../core/host.ts';
import type { FileEdit, Project } from '../adapter.ts';
import { settingsEdit } from '../settings-json.ts';

/** When a conversation has grown: after a turn, at the end, after a sub-agent, and before old messages are folded away. */
const events = ['Stop', 'SessionEnd', 'SubagentStop', 'PreCompact'];

/**
 * Claude Code calls us by `.claude/settings.local.json` of each working tree, the file of a project that is the person's own. It reads
 * hooks when it starts. What a hook prints would go into the conversation, so `command` must be silent. The timeout is in seconds.
 */
export function claudeHooks(host: Host, project: Project, command: string): FileEdit[] {
  const roots = new Set(project.roots.map((root) => host.files.real(root)));
  return [...roots]
    .filter((root) => host.files.stat(root)?.kind === 'folder')
    .map((root) =>
      settingsEdit({
        path: host.path.join(root, '.claude', 'settings.local.json'),
        scope: 'project',
        command,
        events,
        entry: { hooks: [{ type: 'command', command, timeout: 10 }] },
      }),
    );
}
