import { asNumber, asObject, asText } from '../../core/json.ts';
import type { Fields } from './fields.ts';

/** Record types with nothing for a reader: bookkeeping of the program, or what other records say better. */
const types = new Set(
  `file-history-snapshot file-history-delta last-prompt permission-mode mode agent-name agent-color agent-setting pr-link tag
  atis-latch bridge-session frame-link worktree-state relocated started result`.split(/\s+/),
);

/** Attachments are what the program adds for the model: reminders, listings, output of hooks. */
const attachments = new Set(
  `total_tokens_reminder hook_success task_reminder hook_system_message deferred_tools_delta skill_listing
  hook_additional_context agent_listing_delta mcp_instructions_delta todo_reminder read_truncation_notice command_permissions
  auto_mode ultra_effort_exit ultra_effort_enter task_status silent_turn_reminder plan_mode_exit plan_mode nested_memory
  invoked_skills hook_non_blocking_error hook_blocking_error file edited_text_file dynamic_skill date_change
  compact_file_reference budget_usd batching_reminder_sent`.split(/\s+/),
);

const silentSystem = new Set([
  'stop_hook_summary',
  'turn_duration',
  'session_start',
  'away_summary',
  'microcompact_boundary',
]);

export const isKnownType = (type: string): boolean => types.has(type);
export const isKnownAttachment = (type: string): boolean => attachments.has(type);

/** What a system record tells the reader. */
export interface SystemNote {
  readonly label: 'compaction' | 'error' | 'info';
  readonly text: string;
}

/** The note of a system record: `null` when it has none, `undefined` when its subtype is not known. */
export function systemNote(record: Fields): SystemNote | null | undefined {
  const subtype = asText(record.subtype) ?? '';
  if (silentSystem.has(subtype)) return null;
  const text = asText(record.content) ?? errorText(record.error);
  switch (subtype) {
    case 'compact_boundary':
      return { label: 'compaction', text: compaction(asObject(record.compactMetadata)) };
    case 'api_error':
      return isLastTry(record) ? { label: 'error', text } : null;
    case 'error':
    case 'api_refusal':
    case 'model_refusal_fallback':
      return { label: 'error', text: asText(record.apiRefusalExplanation) ?? text };
    case 'informational':
      return { label: 'info', text };
    default:
      return undefined;
  }
}

function compaction({ trigger, preTokens }: Fields): string {
  const tokens = asNumber(preTokens);
  const how = [asText(trigger), tokens === undefined ? undefined : `${tokens} tokens`].filter(
    (word) => word !== undefined,
  );
  return `Conversation compacted${how.length > 0 ? ` (${how.join(', ')})` : ''}`;
}

/** Failed requests are tried again ten times; only the last failure ends anything. */
function isLastTry({ retryAttempt, maxRetries }: Fields): boolean {
  const [attempt, most] = [asNumber(retryAttempt), asNumber(maxRetries)];
  return attempt === undefined || most === undefined || attempt >= most;
}

function errorText(error: unknown): string {
  const { formatted, message, status, error: inner } = asObject(error);
  const detail = asObject(asObject(inner).error);
  const text = asText(formatted) ?? asText(message) ?? asText(detail.message) ?? asText(asObject(inner).message);
  return text ?? (asNumber(status) === undefined ? 'Request failed' : `Request failed with status ${status}`);
}
