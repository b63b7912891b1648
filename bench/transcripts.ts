import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** Text with the word frequencies of a transcript: code, prose, logs. The same seed gives the same text. */
class Words {
  private seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  private next(): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.seed / 4_294_967_296;
  }

  /** About `size` characters. */
  text(size: number): string {
    const out: string[] = [];
    for (let length = 0; length < size; ) {
      const rank = Math.floor(Math.exp(this.next() * Math.log(stems.length * 40)));
      const stem = stems[rank % stems.length] ?? 'value';
      const word = rank < stems.length ? stem : `${stem}${(rank / stems.length) | 0}`;
      const end = this.next();
      const piece = word + (end < 0.08 ? '\n' : end < 0.12 ? '();\n  ' : end < 0.2 ? ', ' : ' ');
      out.push(piece);
      length += piece.length;
    }
    return out.join('');
  }
}

const stems =
  `the of and to in return const function if for is value type string error file path import from test line this
await async result index data name export object number session exchange commit branch user agent model write read parse render
history raw token state open close source record message part time list map set get new let class interface throw catch try
require module build server client request response header body query store table column row key field schema check update
delete insert select where join order limit page link share hook install config option flag command output input stream chunk
buffer byte size length offset start end first last next previous parent child tree node leaf root fold merge diff patch hunk`.split(
    /\s+/,
  );

export interface TranscriptShape {
  readonly cwd: string;
  readonly session?: string;
  /** Bytes of the whole transcript, about. */
  readonly size?: number;
  /** Lines of it, about, when its size is not given. */
  readonly lines?: number;
  /** Bytes of one thing said, about. */
  readonly text?: number;
  /** Bytes of one tool result, about. */
  readonly result?: number;
  /** Tool calls per prompt. */
  readonly calls?: number;
  readonly seed?: number;
}

/** The same id for the same number, of the form that sessions have. */
export function uuid(number: number): string {
  const hex = number.toString(16).padStart(12, '0');
  return `5e551000-0000-4000-8000-${hex}`;
}

/** The lines of a Claude Code transcript of about `size` bytes. */
export function* claudeLines({
  cwd,
  size = Number.POSITIVE_INFINITY,
  lines: most = Number.POSITIVE_INFINITY,
  text = 300,
  session = randomUUID(),
  result = 3000,
  calls = 6,
  seed = 1,
}: TranscriptShape): Generator<string> {
  const words = new Words(seed);
  let parent: string | null = null;
  let clock = Date.UTC(2026, 0, 5, 9);
  const line = (fields: object): string => {
    const uuid = randomUUID();
    clock += 1500;
    const record = {
      parentUuid: parent,
      isSidechain: false,
      userType: 'external',
      cwd,
      sessionId: session,
      version: '2.1.231',
      gitBranch: 'main',
      ...fields,
      uuid,
      timestamp: new Date(clock).toISOString(),
    };
    parent = uuid;
    return `${JSON.stringify(record)}\n`;
  };
  for (let written = 0, count = 0, turn = 0; written < size && count < most; turn++) {
    const lines = [line({ type: 'user', message: { role: 'user', content: words.text(text) } })];
    for (let call = 0; call < calls; call++) {
      const id = `toolu_${seed}_${turn}_${call}`;
      const message = {
        id: `msg_${seed}_${turn}_${call}`,
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-5',
        usage: { input_tokens: 9, output_tokens: 120, cache_read_input_tokens: 20_000 },
      };
      lines.push(
        line({ type: 'assistant', message: { ...message, content: [{ type: 'text', text: words.text(text) }] } }),
      );
      lines.push(
        line({
          type: 'assistant',
          message: {
            ...message,
            content: [{ type: 'tool_use', id, name: 'Bash', input: { command: words.text(80).replaceAll('\n', ' ') } }],
          },
        }),
      );
      const output = words.text(result);
      lines.push(
        line({
          type: 'user',
          message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: output }] },
          toolUseResult: { stdout: output, stderr: '', interrupted: false },
        }),
      );
    }
    lines.push(
      line({
        type: 'assistant',
        message: {
          id: `msg_${seed}_${turn}_end`,
          role: 'assistant',
          model: 'claude-sonnet-4-5',
          content: [{ type: 'text', text: words.text(text) }],
          stop_reason: 'end_turn',
          usage: { input_tokens: 9, output_tokens: 80 },
        },
      }),
    );
    for (const one of lines) {
      count++;
      written += one.length;
      yield one;
    }
  }
}

/** Writes lines into a file, with back-pressure. */
export async function writeLines(path: string, lines: Iterable<string>, flags = 'w'): Promise<void> {
  const file = createWriteStream(path, { flags, highWaterMark: 1 << 20 });
  for (const line of lines) if (!file.write(line)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}
