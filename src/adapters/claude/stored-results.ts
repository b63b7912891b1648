import type { Host } from '../../core/host.ts';
import { asArray, asObject, asText, parseJson } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { isInside } from '../../core/paths.ts';
import type { Fields } from './fields.ts';
import { folderAbove } from './identity.ts';

/** What a transcript says in place of a result that was too large for it: the result lies in a file of the session's folder. */
const notice = /^(?:<persisted-output>|Error: result \()/;
const place = /saved to:? .*?[\\/]([\w-]+)[\\/]tool-results[\\/]([\w-][\w.-]*\.(?:txt|json))(?![\w-])/;

/** The content of a tool result, and the characters that were cut from its end. */
interface Stored {
  readonly content: unknown;
  readonly elided: number;
}

/**
 * A user record with the results that lie in `<session>/tool-results` put where the transcript only has a notice of them.
 * A transcript may name any file: only the names of session and file are taken from it, never the folder.
 */
export function withStoredResults(host: Host, transcript: string, value: unknown): unknown {
  const record = asObject(value);
  const message = asObject(record.message);
  const blocks = asArray(message.content);
  if (record.type !== 'user' || !blocks.some((block) => noticeIn(asObject(block)) !== undefined)) return value;
  const content = blocks.map((block) => withStored(host, transcript, asObject(block)));
  return { ...record, message: { ...message, content } };
}

/** Whether a text is such a notice. */
export function isNotice(text: string): boolean {
  return notice.test(text);
}

function withStored(host: Host, transcript: string, block: Fields): Fields {
  const text = noticeIn(block);
  const stored = text === undefined ? undefined : storedResult(host, transcript, text);
  return stored === undefined ? block : { ...block, content: stored.content, elided: stored.elided };
}

function noticeIn({ type, content }: Fields): string | undefined {
  if (type !== 'tool_result') return undefined;
  const text = typeof content === 'string' ? content : asText(asObject(asArray(content)[0]).text);
  return text !== undefined && isNotice(text) ? text : undefined;
}

function storedResult(host: Host, transcript: string, text: string): Stored | undefined {
  const { join, basename, dirname } = host.path;
  const [, session = '', name = ''] = place.exec(text.slice(0, 4096)) ?? [];
  if (name === '') return undefined;
  const owner = folderAbove(host, dirname(transcript), 'subagents');
  const own = owner ?? join(dirname(transcript), basename(transcript, '.jsonl'));
  // A fork's records still name the session that they were copied from.
  const files = [own, join(dirname(own), session)].map((folder) => join(folder, 'tool-results', name));
  const file = files.find((path) => host.files.stat(path)?.kind === 'file');
  if (file === undefined || !isInside(host.files.real(file), host.files.real(dirname(own)))) return undefined;
  return read(host, file);
}

/** The start of a file as text; a `.json` has the blocks of the result. */
function read(host: Host, file: string): Stored | undefined {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  try {
    for (const chunk of host.files.chunks(file)) {
      const piece = decoder.decode(chunk, { stream: true });
      length += piece.length;
      if (text.length < limits.part) text += piece.slice(0, limits.part - text.length);
    }
  } catch {
    // Not readable: what the transcript says is shown.
    return undefined;
  }
  const elided = length - text.length;
  const blocks = elided === 0 && file.endsWith('.json') ? parseJson(text) : undefined;
  return { content: Array.isArray(blocks) ? blocks : text, elided };
}
