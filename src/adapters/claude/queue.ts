import { asText } from '../../core/json.ts';
import { clip } from '../content.ts';
import type { Fields } from './fields.ts';
import type { Own, Pending } from './own-state.ts';

/** More prompts than this nobody types ahead. */
const longest = 32;

/**
 * The state after a `queue-operation`. A prompt that leaves by `dequeue` comes as a user record. One that leaves by `remove` was
 * given to the agent in the middle of its work: newer versions write an attachment then, older ones nothing else.
 */
export function afterQueueOperation(own: Own, record: Fields): Own {
  const content = asText(record.content);
  switch (record.operation) {
    case 'enqueue': {
      if (content === undefined) return own;
      const at = asText(record.timestamp);
      return { ...own, queue: [...own.queue, { text: clip(content).text, ...(at ? { at } : {}) }].slice(-longest) };
    }
    case 'dequeue':
      return { ...own, queue: own.queue.slice(1) };
    case 'remove':
      return removed(own, content);
    case 'popAll':
      return { ...own, queue: [] };
    default:
      return own;
  }
}

function removed(own: Own, content: string | undefined): Own {
  const named = own.queue.findIndex(({ text }) => text === content);
  const index = Math.max(named, 0);
  const prompt = own.queue[index];
  const queue = own.queue.filter((_, at) => at !== index);
  // Commands are run by themselves, and `<…-notification>` is no person's.
  if (prompt === undefined || own.attachments || /^[/<]/.test(prompt.text)) return { ...own, queue };
  const before = own.pending?.kind === 'steer' ? own.pending : undefined;
  const steer: Pending = before
    ? { ...before, text: `${before.text}\n\n${prompt.text}` }
    : { kind: 'steer', text: prompt.text, ...(prompt.at ? { at: prompt.at } : {}) };
  return { ...own, queue, pending: steer };
}
