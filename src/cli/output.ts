import { styleText } from 'node:util';
import { SpecstoryError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

/** Exit codes, the same for every command. `offline` is EX_TEMPFAIL of sysexits(3): kept, goes out later. */
export const exitCode = { ok: 0, failure: 1, usage: 2, partial: 3, signIn: 4, offline: 75, interrupted: 130 } as const;

type Style = Parameters<typeof styleText>[0];

/** The only writer to the terminal. What comes from transcripts passes `printable` here, once. */
export interface Output {
  readonly isTerminal: boolean;
  readonly columns: number;
  /** A line of text on standard output. */
  line(text?: string): void;
  /** Text as it is on standard output: documents that were asked for. On a terminal it is made harmless. */
  document(text: string): void;
  /** A value as JSON on standard output, control characters escaped. */
  json(value: unknown): void;
  /** One line of JSON: an event. */
  event(value: unknown): void;
  /** Columns of text; the last one takes what is left of the line. */
  table(rows: readonly (readonly string[])[], head: readonly string[]): void;
  /** Something to know that is not the result, on standard error. */
  note(text: string): void;
  /** How far a long piece of work is; shown on a terminal only. */
  progress(label: string, done: number, total: number): void;
  style(style: Style, text: string): string;
}

export function terminalOutput(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Output {
  const colour = out.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const write = (text: string) => void out.write(text);
  const columns = out.columns ?? 100;
  const line = (text = '') => write(`${printableStyled(text, colour)}\n`);
  return {
    isTerminal: out.isTTY === true,
    columns,
    line,
    document: (text) => write(out.isTTY ? printable(text) : text),
    json: (value) => write(`${escaped(JSON.stringify(value, null, 2))}\n`),
    event: (value) => write(`${escaped(JSON.stringify(value))}\n`),
    table: (rows, head) => {
      for (const row of layOut(rows, head, columns, out.isTTY === true)) line(row);
    },
    note: (text) => void err.write(`${printable(text)}\n`),
    progress: (label, done, total) => drawBar(err, label, done, total),
    style: (style, text) => (colour ? styleText(style, printable(text), { validateStream: false }) : printable(text)),
  };
}

/** Colours made by `style` stay, everything else that controls a terminal goes. */
function printableStyled(text: string, colour: boolean): string {
  if (!colour) return printable(text);
  return text
    .split(/(\x1b\[\d{1,3}m)/)
    .map((piece, index) => (index % 2 === 1 ? piece : printable(piece)))
    .join('');
}

function escaped(json: string | undefined): string {
  return (json ?? 'null').replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function layOut(
  rows: readonly (readonly string[])[],
  head: readonly string[],
  columns: number,
  cut: boolean,
): string[] {
  const clean = [head, ...rows].map((row) => row.map((cell) => printable(cell).replace(/\s+/g, ' ')));
  const widths = head.map((_, index) => Math.max(...clean.map((row) => row[index]?.length ?? 0)));
  return clean.map((row) => {
    const cells = row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)));
    const text = cells.join('  ').trimEnd();
    return cut && text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
  });
}

function drawBar(err: NodeJS.WriteStream, label: string, done: number, total: number): void {
  if (!err.isTTY) return;
  const width = 24;
  const full = total === 0 ? width : Math.round((done / total) * width);
  const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
  err.write(`\r\x1b[2K${done >= total ? '' : `${label} ${bar} ${done}/${total}`}`);
}

/** Says what went wrong and what to do next; gives the exit code. The one place where errors become words on a terminal. */
export function report(output: Output, thrown: unknown): number {
  if (thrown instanceof SpecstoryError) {
    output.note(`specstory: ${thrown.message}`);
    if (thrown.hint) output.note(`  hint: ${thrown.hint}`);
    return thrown.kind === 'usage' ? exitCode.usage : exitCode.failure;
  }
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  output.note(`specstory: a fault in specstory itself\n${stack}`);
  output.note('  hint: please report it with the lines above');
  return exitCode.failure;
}
