import { SpecstoryError } from './errors.ts';
import { type AgentId, isAgentId } from './ids.ts';

/** Names that SpecStory gives to agents: our id, its `provider.id`, its display names (the first is written). */
const providers: readonly (readonly [agent: string, id: string, ...labels: string[]])[] = [
  ['claude', 'claude-code', 'Claude Code'],
  ['codex', 'codex-cli', 'Codex CLI', 'Codex'],
  ['cursor', 'cursor', 'Cursor CLI'],
  ['cursoride', 'cursoride', 'Cursor IDE'],
  ['copilotide', 'copilotide', 'VS Code Copilot IDE', 'vscode', 'VS Code'],
  ['droid', 'droid-cli', 'Factory Droid CLI', 'Factory Droid'],
  ['deepseek', 'deepseek-tui', 'DeepSeek TUI'],
  ['gemini', 'gemini-cli', 'Gemini CLI'],
  ['antigravity', 'antigravity', 'Antigravity CLI', 'Antigravity'],
];

/** The name SpecStory shows for an agent, or our id where it has none. */
export function agentLabel(agent: AgentId): string {
  return providers.find(([id]) => id === agent)?.[2] ?? agent;
}

/** The `provider.id` that SpecStory has for an agent, or our id where it has none. */
export function providerId(agent: AgentId): string {
  return providers.find(([id]) => id === agent)?.[1] ?? agent;
}

/** Stands for the agent of a document that does not name one we know. */
const nameless = agentId('specstory');

/**
 * The agent behind a `provider.id` or display name of SpecStory; for another name that name itself, or else
 * `specstory`.
 */
export function agentOf(name: string, otherwise?: string): AgentId {
  const wanted = name.trim().toLowerCase();
  const row = providers.find((names) => names.some((known) => known.toLowerCase() === wanted));
  if (row) return agentId(row[0]);
  // Sibling editors of VS Code have their own name before this.
  if (wanted.endsWith(' copilot ide')) return agentId('copilotide');
  return otherwise !== undefined && isAgentId(otherwise) ? otherwise : nameless;
}

function agentId(text: string): AgentId {
  if (isAgentId(text)) return text;
  throw new SpecstoryError('bug', `${text} is no agent id`);
}
