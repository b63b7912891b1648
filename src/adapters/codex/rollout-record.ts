import { asArray, asObject, asText, isObject } from '../../core/json.ts';

/** The fields of a record, of its payload, or of something in it. */
export type Fields = { readonly [key: string]: unknown };

/** One record of a rollout, whatever its generation. */
export interface Rollout {
  readonly kind: 'meta' | 'context' | 'item' | 'event' | 'compacted' | 'ignored' | 'unknown';
  /** The record's type, and that of its payload where it has one. */
  readonly type: string;
  readonly payload: Fields;
  readonly at: unknown;
  readonly ordinal: number | undefined;
}

const envelopes: ReadonlyMap<string, Rollout['kind']> = new Map([
  ['session_meta', 'meta'],
  ['turn_context', 'context'],
  ['response_item', 'item'],
  ['event_msg', 'event'],
  ['compacted', 'compacted'],
  ['inter_agent_communication', 'item'],
  ['inter_agent_communication_metadata', 'ignored'],
  ['world_state', 'ignored'],
  ['token_usage_record', 'ignored'],
]);

/** Types of items that stood on a line of their own before there was an envelope. */
const bareItems = new Set(['message', 'reasoning', 'function_call', 'function_call_output', 'local_shell_call']);

/** A record in one shape: with envelope (fall 2025 on), bare item or header (summer 2025), or role and content. */
export function rolloutRecord(record: Fields): Rollout {
  const type = asText(record.type);
  const at = record.timestamp ?? record.created_at;
  const ordinal = typeof record.ordinal === 'number' ? record.ordinal : undefined;
  const kind = type === undefined ? undefined : envelopes.get(type);
  if (kind !== undefined && type !== undefined && isObject(record.payload)) {
    return { kind, ...inside(kind, type, record.payload), at, ordinal };
  }
  return { ...bare(record, type), at, ordinal };
}

function inside(kind: Rollout['kind'], type: string, fields: Fields): Pick<Rollout, 'type' | 'payload'> {
  if (kind !== 'item') return { type: asText(fields.type) ?? type, payload: withTurn(fields) };
  if (type === 'inter_agent_communication') return { type: 'agent_message', payload: fields };
  return item(withTurn(fields));
}

/** The turn of an item is in its metadata. */
function withTurn(fields: Fields): Fields {
  if (typeof fields.turn_id === 'string') return fields;
  const turn =
    asText(asObject(fields.metadata).turn_id) ??
    asText(asObject(fields.internal_chat_message_metadata_passthrough).turn_id);
  return turn === undefined ? fields : { ...fields, turn_id: turn };
}

function bare(record: Fields, type: string | undefined): Pick<Rollout, 'kind' | 'type' | 'payload'> {
  if (record.record_type !== undefined) return { kind: 'ignored', type: 'state', payload: record };
  if (type === undefined && isMessage(record)) {
    const content = record.content ?? record.message;
    return { kind: 'item', type: 'message', payload: { ...record, content } };
  }
  if (type === undefined && isHeader(record)) return { kind: 'meta', type: 'session_meta', payload: record };
  if (type === 'error' && typeof record.text === 'string') {
    return { kind: 'event', type, payload: { message: record.text } };
  }
  const told = item(record);
  return bareItems.has(told.type) ? { kind: 'item', ...told } : { kind: 'unknown', type: told.type, payload: record };
}

/** An item, with the names some versions and tools gave to calls and results put right. */
function item(fields: Fields): Pick<Rollout, 'type' | 'payload'> {
  const type = asText(fields.type) ?? '(none)';
  const name = asObject(fields.function).name ?? fields.name;
  if (type === 'tool_call' || type === 'function_call') return { type: 'function_call', payload: { ...fields, name } };
  if (type === 'tool_result' || type === 'function_result') {
    return { type: 'function_call_output', payload: { ...fields, output: fields.result } };
  }
  return { type, payload: fields };
}

function isHeader(record: Fields): boolean {
  return asText(record.id) !== undefined && asText(record.timestamp) !== undefined && record.role === undefined;
}

function isMessage(record: Fields): boolean {
  return record.role === 'user' || record.role === 'assistant';
}

const plainKeys = new Set(['timestamp', 'created_at', 'id', 'role', 'content', 'message', 'model']);

/** The generations of Codex's files: lines of a rollout, one document (spring 2025), the output of `codex exec --json`. */
export type Generation = 'lines' | 'document' | 'exec';

/** The generation of a file with this record in it, if it is one only Codex writes. */
export function recognise(record: Fields): Generation | undefined {
  const type = asText(record.type);
  if (type === 'thread.started' && typeof record.thread_id === 'string') return 'exec';
  if (type !== undefined && envelopes.has(type)) return isObject(record.payload) ? 'lines' : undefined;
  if (isObject(record.session) && Array.isArray(record.items)) return 'document';
  if (record.record_type === 'state') return 'lines';
  return isBareItem(record, type) || isBareHeader(record, type) || isPlain(record, type) ? 'lines' : undefined;
}

function isBareItem(record: Fields, type: string | undefined): boolean {
  if (type === 'message') {
    const parts = asArray(record.content).map((part) => asObject(part).type);
    return typeof record.role === 'string' && parts.some((part) => part === 'input_text' || part === 'output_text');
  }
  return type === 'function_call' && typeof record.call_id === 'string' && typeof record.name === 'string';
}

function isBareHeader(record: Fields, type: string | undefined): boolean {
  return type === undefined && isHeader(record) && ('instructions' in record || 'git' in record);
}

function isPlain(record: Fields, type: string | undefined): boolean {
  const timed = typeof (record.timestamp ?? record.created_at) === 'string';
  const text = typeof (record.content ?? record.message) === 'string';
  return type === undefined && isMessage(record) && timed && text && Object.keys(record).every((k) => plainKeys.has(k));
}
