import { agentIdSchema } from '../../core/session.ts';
import type { Adapter } from '../adapter.ts';
import { ClaudeFold } from './claude-fold.ts';
import { claudeHooks } from './hooks.ts';
import { findSources, openSource, placesOf, recordsOf } from './sources.ts';

const id = agentIdSchema.parse('claude');

/** Claude Code: `~/.claude/projects/<folder of the project>`, one growing transcript per session and per sub-agent. */
export const claude: Adapter = {
  id,
  label: 'Claude Code',
  provider: 'claude-code',

  places: placesOf,
  find: (host, project, known) => findSources(id, host, project, known),
  open: (host, path) => openSource(id, host, path),
  records: recordsOf,
  parser: (context, state) => new ClaudeFold(context, state),
  hooks: claudeHooks,
};
