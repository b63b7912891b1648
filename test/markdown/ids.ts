import { type AgentId, isAgentId } from '../../src/core/ids.ts';

export { sessionId } from '../../src/core/ids.ts';

/** An agent id that is known to be one. */
export function agentId(text: string): AgentId {
  if (!isAgentId(text)) throw new Error(`no agent id: ${text}`);
  return text;
}
