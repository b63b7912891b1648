import type { Host } from '../core/host.ts';

/** Agents whose transcripts we can tell but not read, by what their first kilobytes hold. */
const marks: readonly (readonly [agent: string, mark: RegExp])[] = [
  [
    'Copilot CLI',
    /"type":\s*"(?:session\.start|session\.resume|assistant\.turn_start|tool\.execution_start|user\.message)"/,
  ],
  ['Factory Droid', /"type":\s*"session_start"|"todo_state"|"autonomyMode"|"toolId":.*"parameters"/],
  ['Amp', /"id":\s*"T-[0-9a-f]{8}-/],
  ['Cline or a fork of it', /"say":\s*"[a-z_]+"|"ask":\s*"[a-z_]+"/],
  ['Continue', /"contextItems"|"workspaceDirectory"/],
  ['OpenCode', /"(?:ses|prt)_[0-9a-z]|"sessionID"|CREATE TABLE [`"]?(?:session|project)[`"]?/i],
  ['Pi', /"type":\s*"session",\s*"version"|"type":\s*"thinking_level_change"/],
  ['Kiro', /"conversation_id".*"history"|"AssistantMessage"|"kind":\s*"Prompt"/],
  ['Windsurf', /"type":\s*"(?:user_input|planner_response|code_action)"/],
  ['Antigravity', /"step_index"/],
];

/** The agent whose file this seems to be, when it is one that is not read yet. Never throws. */
export function strangerIn(host: Host, path: string): string | undefined {
  try {
    for (const chunk of host.files.chunks(path, 0, 1 << 16)) {
      const head = new TextDecoder().decode(chunk.subarray(0, 1 << 16));
      return marks.find(([, mark]) => mark.test(head))?.[0];
    }
  } catch {
    // Whoever asked knows better words for a file that cannot be read.
  }
  return undefined;
}
