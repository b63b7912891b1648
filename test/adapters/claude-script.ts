import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { claude } from '../../src/adapters/claude/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import type { Exchange, Part, Session } from '../../src/core/session.ts';
import { memoryHost } from '../hosts/memory-host.ts';

export type Line = { readonly [key: string]: unknown };

export const sessionName = '11111111-aaaa-4aaa-8aaa-000000000001';
export const projectRoot = '/work/shop';
export const folder = '/home/me/.claude/projects/-work-shop';

/** Writes a transcript as the agent would: each record linked to the one before, ids and times counted up. */
export class Script {
  readonly lines: Line[] = [];
  private last: string | null = null;
  private count = 0;
  private readonly base: Line;
  private readonly series: string;

  constructor(base: Line = {}, series = '0') {
    this.base = base;
    this.series = series;
  }

  /** A record with the common fields; gives its uuid. */
  record(fields: Line): string {
    const uuid = `00000000-0000-4000-8000-${this.series.padStart(4, '0')}${String(++this.count).padStart(8, '0')}`;
    this.lines.push({
      parentUuid: this.last,
      isSidechain: false,
      userType: 'external',
      cwd: projectRoot,
      sessionId: sessionName,
      version: '2.1.29',
      gitBranch: 'main',
      uuid,
      timestamp: this.at(),
      ...this.base,
      ...fields,
    });
    this.last = typeof fields.uuid === 'string' ? fields.uuid : uuid;
    return this.last;
  }

  /** A record without the common fields. */
  bare(fields: Line): this {
    this.lines.push(fields);
    return this;
  }

  user(content: unknown, fields: Line = {}): string {
    return this.record({ type: 'user', message: { role: 'user', content }, ...fields });
  }

  /** One line of an answer: one block of the message `id`. */
  answer(id: string, block: unknown, fields: Line = {}, message: Line = {}): string {
    const content = typeof block === 'string' ? [{ type: 'text', text: block }] : [block];
    const model = 'claude-opus-4-6';
    return this.record({
      type: 'assistant',
      message: { id, role: 'assistant', model, content, ...message },
      ...fields,
    });
  }

  call(id: string, name: string, input: unknown, message = `msg_${id}`): string {
    return this.answer(message, { type: 'tool_use', id, name, input });
  }

  result(id: string, content: unknown, fields: Line = {}, error = false): string {
    return this.user([{ type: 'tool_result', tool_use_id: id, content, ...(error ? { is_error: true } : {}) }], fields);
  }

  private at(): string {
    return new Date(Date.UTC(2026, 0, 2, 3, 0, this.count)).toISOString();
  }
}

export const jsonLines = (lines: readonly Line[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The sessions in a transcript found in the project's folder, beside other files. */
export function sessionsIn(lines: readonly Line[], files: Record<string, string> = {}): Session[] {
  const path = `${folder}/${sessionName}.jsonl`;
  const host = memoryHost({ home: '/home/me', files: { [path]: jsonLines(lines), ...files } });
  const sources = [...claude.find(host, { roots: [projectRoot] })].filter((source) => source.path === path);
  return sources.flatMap((source) => readSource(claude, host, source, [projectRoot]));
}

/** The exchanges of the main session. */
export function exchangesIn(script: Script): readonly Exchange[] {
  return sessionsIn(script.lines)[0]?.exchanges ?? [];
}

export const partsOf = (exchange: Exchange | undefined): Part[] =>
  (exchange?.messages ?? []).flatMap(({ parts }) => parts);

const fixture = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/claude/${file}.jsonl`, import.meta.url)), 'utf8');

/** A conversation as it is on a disk, and that of the sub-agent it started. */
export const bakery = {
  session: '5f0c1d2e-7a6b-4c3d-9e8f-001122334455',
  root: '/home/dev/bakery',
  transcript: fixture('session'),
  subAgent: fixture('sub-agent'),
};

/** A transcript of one turn, started in `cwd`. */
export function transcript(cwd: string, id = sessionName, more: Line = {}): string {
  const script = new Script({ cwd, sessionId: id, ...more });
  script.user(`prompt of ${id}`);
  script.answer('msg_1', 'answer');
  return jsonLines(script.lines);
}

export const nameOf = (count: number) => `1111111${count}-aaaa-4aaa-8aaa-000000000001`;

/** The paths that are found for the project. */
export const found = (files: Record<string, string>, roots: readonly string[] = [projectRoot]) =>
  [...claude.find(memoryHost({ home: '/home/me', files }), { roots })].map(({ path }) => path);
