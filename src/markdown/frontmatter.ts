import matter from 'gray-matter';
import { reason, SpecstoryError } from '../core/errors.ts';
import { type JsonObject, jsonObjectSchema } from '../core/json.ts';
import { formatYaml, parseYaml } from './yaml.ts';

const refuse = (): never => {
  throw new SpecstoryError('unsupported', 'only YAML is read');
};

/** gray-matter would run `---js` as code, and it caches by content unless options are passed. */
const options = {
  engines: {
    yaml: { parse: parseYaml },
    json: { parse: refuse },
    js: { parse: refuse },
    javascript: { parse: refuse },
  },
};

const hint = 'write it as plain YAML: one `key: value` per line, no tags, anchors or repeated keys';

/**
 * The frontmatter of a document and the text after it; no frontmatter gives no data and the whole text. Throws
 * `unsupported` for everything that is not plain YAML data of at most `limit` characters. Values keep the types of
 * JSON, and a text that looks like a date or an odd number stays a text.
 */
export function readFrontmatter(text: string, limit = 64 * 1024): { data: JsonObject; body: string } {
  const document = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (!/^---(?!-)/.test(document)) return { data: {}, body: text };
  const close = /\n---[ \t]*(?:\r?\n|$)/.exec(document.slice(0, limit));
  if (!close)
    throw new SpecstoryError('unsupported', `frontmatter without an end in its first ${limit} characters`, { hint });
  const end = close.index + close[0].length;
  return { data: headData(document.slice(0, end)), body: document.slice(end) };
}

function headData(head: string): JsonObject {
  try {
    const { data, content } = matter(head, options);
    if (content !== '') throw new SpecstoryError('unsupported', 'a line that starts with ---');
    return jsonObjectSchema.parse(data);
  } catch (cause) {
    throw new SpecstoryError('unsupported', `frontmatter that cannot be read: ${reason(cause)}`, { hint, cause });
  }
}

/** The document with this frontmatter and this text. `readFrontmatter` gives both back as they were. */
export function writeFrontmatter(data: JsonObject, body: string): string {
  return `---\n${formatYaml(data)}---\n${body}`;
}
