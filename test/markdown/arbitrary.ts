import fc from 'fast-check';
import { digest, type ExchangeId, isExchangeId } from '../../src/core/ids.ts';
import { jsonObjectSchema } from '../../src/core/json.ts';
import {
  type Edit,
  type Exchange,
  exchangeSchema,
  type Message,
  type Part,
  toolTypes,
} from '../../src/core/session.ts';
import { storable } from '../../src/core/text.ts';
import { vouch } from '../../src/core/vouch.ts';
import { renderExchange } from '../../src/markdown/render.ts';

/** What an exchange about this very format would hold: a rendered exchange with its own boundary word, its markers and its pieces. */
export const someExchangeId = exchangeIdOf('aaaaaaaaaaaa');
const own: Exchange = {
  id: someExchangeId,
  messages: [
    { role: 'user', parts: [{ kind: 'text', text: 'a' }] },
    {
      role: 'agent',
      parts: [
        { kind: 'thinking', text: 'b' },
        { kind: 'tool_call', name: 'Bash', type: 'shell', input: { command: 'ls', n: 1 } },
        { kind: 'tool_result', ok: true, text: 'c' },
      ],
    },
  ],
};
export const rendered: string = renderExchange(vouch(own));
const ownWord = `x${digest(someExchangeId).slice(0, 7)}`;

function exchangeIdOf(text: string): ExchangeId {
  if (!isExchangeId(text)) throw new Error(`no exchange id: ${text}`);
  return text;
}

const hostile = [
  rendered, ownWord, `<!-- ${ownWord} user -->`, `\n\n<!-- ${ownWord} text -->\n`, `<!-- ${ownWord} tool_call {"name":"x","type":"read"} -->`,
  ...rendered.split('\n'), '-->', '--!>', '<!--', '--', '<', '>', '```', '````', '```text', '```json\n{}\n```', '```bash\n', '~~~', '   ```', '`````',
  '\n```\n', '---', '---\n', '...', '\n---\nid: x\n---\n', '</details>', '\n</details>\n', '</summary></details>', '<details><summary>', '<script>',
  '\r', '\r\n', '\n', '\n\n', '\n\n\n', ' ', '  \n', '\t', '\u2028', '\u2029', '\u0085', '\uFEFF', '\u001b[31m', '\u0007', '\u202e', '\ud83d\ude00',
  '\\', '\\u003c', '"', "'", '@@ -1,2 +1,3 @@', '@@', '+', '-', ' x', '--- a/x\n+++ b/x\n', '_**User (2026-01-02 03:04:05Z)**_', '&amp;', '&', '*', '',
  '2026-11-20', '0123', 'yes', 'null', '1e3', ': a', '# a', '- [ ] a', '__proto__', '$&', '$1', '%s', '[a](b)', '![a](http://b)', 'a: b',
]; // biome-ignore format: a list

/** Text the model can hold, most of it made of what could break a document. */
export const text: fc.Arbitrary<string> = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc
        .array(fc.oneof(fc.constantFrom(...hostile), fc.string({ maxLength: 8 })), { maxLength: 6 })
        .map((parts) => parts.join('')),
    },
    { weight: 3, arbitrary: fc.array(fc.constantFrom(...hostile), { maxLength: 5 }).map((parts) => parts.join('\n')) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 1, arbitrary: fc.constantFrom(...hostile).map((piece) => piece.repeat(piece.length > 20 ? 3 : 200)) },
  )
  .map(storable);
export const name = text.map((value) => value || 'x');
const count = fc.nat();
export const instant = fc
  .date({ min: new Date(1), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
export const exchangeId = fc.oneof(
  fc.constant(someExchangeId),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 12, maxLength: 12 }).map(exchangeIdOf),
);
/** A record in which every optional field is there or not, but never `undefined`. */
const optional: { requiredKeys: [] } = { requiredKeys: [] };

const diff = fc.oneof(
  text,
  fc
    .array(
      fc.tuple(fc.constantFrom('+', '-', ' ', '@@', '\\', ''), text).map(([sign, line]) => sign + line),
      { maxLength: 8 },
    )
    .map((lines) => lines.join('\n')),
);
const edit: fc.Arbitrary<Edit> = fc
  .tuple(
    fc.record({ path: name, change: fc.constantFrom('add', 'update', 'delete', 'move'), diff, exact: fc.boolean() }),
    fc.record(
      { to: name, elided: count, rejected: fc.constant(true as const), userModified: fc.constant(true as const) },
      optional,
    ),
  )
  .map(([must, may]) => ({ ...must, ...may }));
const edits = fc.array(edit, { minLength: 1, maxLength: 3 });

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(text, tie('json'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const argument = fc.constantFrom(
  'command',
  'cmd',
  'file_path',
  'content',
  'old_string',
  'patch',
  'query',
  'todos',
  'n',
);
const todos = fc.array(fc.record({ content: name, status: fc.constantFrom('pending', 'in_progress', 'completed') }), {
  minLength: 1,
  maxLength: 3,
});
const input = fc
  .oneof(
    fc.dictionary(
      fc.oneof(argument, text),
      fc.oneof(text, json, fc.constantFrom('\ud800', 'a\n\udc00', 'a\n\0', '\0')),
      { maxKeys: 4, noNullPrototype: true },
    ),
    fc.record({ todos, explanation: text }),
  )
  .map((value) => jsonObjectSchema.parse(value));

/** Arguments that an edit of the same call shows, as agents have them. */
const written = fc
  .tuple(
    fc.array(
      text.map((line) => line.replaceAll('\n', ' ') + 'x'.repeat(20)),
      { minLength: 1, maxLength: 5 },
    ),
    fc.boolean(),
    fc.nat(3),
    name,
  )
  .map(([lines, end, context, path]) => {
    const content = lines.join('\n') + (end ? '\n' : '');
    const around = Array.from({ length: context }, (_, index) => ` around ${index}`);
    const hunk = [
      '@@ -1 +1 @@',
      ...around,
      ...lines.map((line) => `+${line}`),
      ...around,
      '\\ No newline at end of file',
    ];
    return {
      input: { file_path: path, content },
      edits: [{ path, change: 'update' as const, diff: hunk.join('\n'), exact: true }],
    };
  });

const toolCall: fc.Arbitrary<Part> = fc
  .tuple(
    fc.record({ kind: fc.constant('tool_call' as const), name, type: fc.constantFrom(...toolTypes) }),
    fc.record({ id: name }, optional),
    fc.oneof(
      fc.tuple(fc.record({ input }), fc.record({ edits }, optional)).map(([must, may]) => ({ ...must, ...may })),
      written,
    ),
  )
  .map(([must, may, work]) => ({ ...must, ...may, ...work }));
const toolResult: fc.Arbitrary<Part> = fc
  .tuple(
    fc.record({ kind: fc.constant('tool_result' as const), ok: fc.boolean(), text }),
    fc.record(
      {
        call: name,
        elided: count,
        edits,
        session: name.map((value) => value.slice(0, 4000)).filter((value) => value.isWellFormed()),
      },
      optional,
    ),
  )
  .map(([must, may]) => ({ ...must, ...may }) as Part);
const prose: fc.Arbitrary<Part> = fc
  .tuple(
    fc.oneof(
      fc.record({ kind: fc.constantFrom('text' as const, 'thinking' as const), text }),
      fc.record({
        kind: fc.constant('note' as const),
        label: fc.constantFrom('command', 'compaction', 'error', 'info', 'interrupted', 'elided'),
        text,
      }),
    ),
    fc.record({ elided: count }, optional),
  )
  .map(([must, may]) => ({ ...must, ...may }));
const attachment: fc.Arbitrary<Part> = fc
  .tuple(
    fc.constant({ kind: 'attachment' as const }),
    fc.record({ name: text, mime: text, bytes: count, sha256: text.map(digest) }, optional),
  )
  .map(([must, may]) => ({ ...must, ...may }));
const part: fc.Arbitrary<Part> = fc.oneof(prose, toolCall, toolResult, attachment);

export const usage = fc.record(
  { input: count, output: count, cacheRead: count, cacheWrite: count, reasoning: count },
  optional,
);
const message: fc.Arbitrary<Message> = fc
  .tuple(
    fc.record({ role: fc.constantFrom('user' as const, 'agent' as const), parts: fc.array(part, { maxLength: 5 }) }),
    fc.record({ id: name, at: instant, model: name, usage }, optional),
  )
  .map(([must, may]) => ({ ...must, ...may }));

/** Every exchange the model can hold, hostile text included. */
export const exchange: fc.Arbitrary<Exchange> = fc
  .tuple(
    fc.record({ id: exchangeId, messages: fc.array(message, { maxLength: 4 }) }),
    fc.record({ parent: exchangeId, startedAt: instant, endedAt: instant, cwd: name, branch: name }, optional),
  )
  .map(([must, may]) => exchangeSchema.parse({ ...must, ...may }));
