import { adapters } from '../adapters/index.ts';
import { SpecstoryError } from '../core/errors.ts';
import type { AgentId } from '../core/ids.ts';

/** The agent a person names, in any case. Throws `usage` with the list of agents. */
export function agentNamed(name: string): AgentId {
  const found = adapters.find(({ id }) => id === name.toLowerCase());
  if (found) return found.id;
  const hint = `agents: ${adapters.map(({ id }) => id).join(', ')}`;
  throw new SpecstoryError('usage', `there is no agent '${name}'`, { hint });
}
