import type { Host } from '../../core/host.ts';
import { asText, isObject } from '../../core/json.ts';
import { jsonlOf } from '../jsonl.ts';
import type { Fields } from './fields.ts';
import { isId } from './record-number.ts';

/** What the first records of a file say about it. */
export interface Head {
  /** Some record is of Claude Code's making. */
  readonly claude: boolean;
  /** The folder it was started in. */
  readonly cwd: string | undefined;
  /** The sub-agent, when every record so far is one's. */
  readonly agent: string | undefined;
  /** The session ids met, each once. */
  readonly sessions: readonly string[];
}

/** Most transcripts name their folder within the first kilobytes; some begin with a snapshot or a hook's output. */
const piece = 16 << 10;
const most = { records: 200, bytes: 8 << 20 };

/** The first records of a file, up to the first that satisfies `enough`. Throws when the file cannot be read. */
export function readHead(host: Host, path: string, enough: (head: Head) => boolean): Head {
  return headOfRecords(values(host, path), enough);
}

/** The same of records that were read already. */
export function headOfRecords(records: Iterable<unknown>, enough: (head: Head) => boolean): Head {
  let head: Head = { claude: false, cwd: undefined, agent: undefined, sessions: [] };
  let sidechain: boolean | undefined;
  let count = 0;
  for (const value of records) {
    if (isObject(value)) {
      if (isConversation(value)) sidechain = (sidechain ?? true) && value.isSidechain === true;
      head = look(head, value, sidechain === true);
    }
    if (enough(head) || ++count >= most.records) break;
  }
  return head;
}

function* values(host: Host, path: string): Generator<unknown> {
  for (const { value } of jsonlOf(start(host.files.chunks(path, 0, piece)))) yield value;
}

/** The first bytes only: a file of another kind may have no line end for gigabytes. */
function* start(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let read = 0;
  for (const chunk of chunks) {
    yield chunk;
    read += chunk.length;
    if (read >= most.bytes) return;
  }
}

function look(head: Head, record: Fields, sidechain: boolean): Head {
  const session = isConversation(record) && isId(record.sessionId) ? record.sessionId : undefined;
  const fresh = session !== undefined && !head.sessions.includes(session);
  return {
    claude: head.claude || isClaude(record),
    cwd: head.cwd ?? asText(record.cwd),
    agent: sidechain ? (head.agent ?? asText(record.agentId)) : undefined,
    sessions: fresh ? [...head.sessions, session] : head.sessions,
  };
}

/**
 * A record of a conversation as Claude Code writes it. Others have `parts` instead of `content` (Qwen Code), no `message`
 * (Gemini, Codex), no type (Cursor), or are the output of a program, not its store (`session_id` only).
 */
function isClaude(record: Fields): boolean {
  if (!isConversation(record) || !isObject(record.message) || !('content' in record.message)) return false;
  if ('parts' in record.message || 'id' in record) return false;
  return ['uuid', 'parentUuid', 'sessionId'].some((key) => key in record) || !('session_id' in record);
}

function isConversation(record: Fields): boolean {
  return record.type === 'user' || record.type === 'assistant';
}
