import type { Host } from '../../core/host.ts';
import type { FileEdit, Project } from '../adapter.ts';
import { settingsEdit } from '../settings-json.ts';

/** When a conversation has grown. */
const events = ['Stop', 'SessionEnd', 'SubagentStop', 'PreCompact'];

/**
 * Codex calls us by `hooks.json` in its own folder. It asks the person whether to trust a new hook and remembers the answer as a hash in
 * `config.toml`; that answer is not ours to give, so nothing is written there. The timeout is in seconds.
 */
export function codexHooks(host: Host, _project: Project, command: string): FileEdit[] {
  const folder = host.env('CODEX_HOME') ?? (host.home && host.path.join(host.home, '.codex'));
  if (folder === undefined) return [];
  const entry = { hooks: [{ type: 'command', command, timeout: 10 }] };
  return [settingsEdit({ path: host.path.join(folder, 'hooks.json'), scope: 'user', command, events, entry })];
}
