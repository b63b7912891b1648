import { describe, expect, it } from 'vitest';
import type { Adapter, NativeRecord, Parsed, Parser, Project, Source } from '../../src/adapters/adapter.ts';
import { readSource } from '../../src/adapters/read.ts';
import type { Host } from '../../src/core/host.ts';
import { exchangeSchema, sessionMetaSchema } from '../../src/core/session.ts';

/** One arrangement of an agent's store, as the agent leaves it on a disk. */
export interface Store {
  readonly name: string;
  readonly host: Host & { readonly read?: string[] };
  readonly project: Project;
  /** Ids of the main sessions that `find` leads to, sorted. */
  readonly sessions: readonly string[];
}

/** What every adapter must do, whatever its store looks like. Odd cases of one agent are in the agent's own test. */
export function adapterContract(adapter: Adapter, stores: readonly Store[]): void {
  describe(`contract of ${adapter.id}`, () => {
    for (const store of stores) describe(store.name, () => storeContract(adapter, store));

    it('answers an empty machine with nothing', () => {
      const [store] = stores;
      if (!store) throw new Error('a contract needs a store');
      const bare: Host = { ...store.host, home: undefined, env: () => undefined };
      expect([...adapter.find(bare, store.project)]).toEqual([]);
      expect(() => adapter.places(bare, store.project)).not.toThrow();
    });
  });
}

function storeContract(adapter: Adapter, { host, project, sessions }: Store): void {
  const sources = () => [...adapter.find(host, project)];

  it('finds sources without reading transcripts, the same ones twice', () => {
    const first = sources();
    expect(sources()).toEqual(first);
    expect(new Set(first.map((source) => source.key)).size).toBe(first.length);
    expect(first.every((source) => source.agent === adapter.id)).toBe(true);
  });

  it('leaves out one growing file that is listed as unchanged, and nothing else', () => {
    const all = sources();
    const resting = all.filter(({ appendOnly, title }) => appendOnly && title === undefined);
    for (const { path } of resting) {
      const found = [
        ...adapter.find(
          marking(host, (other) => other === path),
          project,
        ),
      ];
      expect(found).toEqual(all.filter((source) => source.path !== path));
    }
    const paths = new Set(resting.map(({ path }) => path));
    const others = all.filter((source) => !resting.includes(source));
    expect([
      ...adapter.find(
        marking(host, (path) => paths.has(path)),
        project,
      ),
    ]).toEqual(others);
  });

  it('reads the sessions that are there', () => {
    const mains = sources().flatMap((source) => readSource(adapter, host, source, project.roots).slice(0, 1));
    const found = mains.filter((session) => !session.meta.parent && session.exchanges.length > 0);
    expect([...new Set(found.map((session) => session.meta.id))].sort()).toEqual(sessions);
  });

  it('gives what the model can hold, with stable ids, in order', () => {
    for (const source of sources()) {
      const read = readSource(adapter, host, source, project.roots);
      expect(readSource(adapter, host, source, project.roots)).toEqual(read);
      for (const { meta, exchanges } of read) {
        expect(sessionMetaSchema.safeParse(meta).error).toBeUndefined();
        for (const exchange of exchanges) expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
        expect(new Set(exchanges.map((exchange) => exchange.id)).size).toBe(exchanges.length);
      }
    }
  });

  it('recognises its own files by content', () => {
    for (const source of sources()) {
      const opened = [...adapter.open(host, source.path)];
      expect(opened.length).toBeGreaterThan(0);
      expect(opened.every((other) => other.path === source.path)).toBe(true);
    }
  });

  it('goes on from a checkpoint as if it had never stopped', () => {
    for (const source of sources().filter((candidate) => candidate.appendOnly)) {
      const records = [...adapter.records(host, source, 0)];
      const all = run(adapter, source, project, records);
      expect(all.parser.restart ?? false).toBe(false);
      const whole = gather(all);
      for (let cut = 0; cut <= records.length; cut += Math.max(1, Math.floor(records.length / 50))) {
        const first = run(adapter, source, project, records.slice(0, cut));
        const from = first.parser.checkpoint();
        const rest = [...adapter.records(host, source, from?.offset ?? 0)];
        const state: unknown = from && JSON.parse(JSON.stringify(from.state));
        const second = run(adapter, source, project, rest, state);
        // A parser that asks for a restart has said that its checkpoint is not enough; the whole is read again then.
        if (!second.parser.restart) expect(gather(first, second)).toEqual(whole);
      }
    }
  });

  it('survives what no transcript should hold', () => {
    for (const source of sources()) {
      const records = [...adapter.records(host, source, 0)];
      const odd = oddValues.flatMap((value, index) => [
        record(value, index),
        ...records.slice(index, index + 3).map((good) => ({ ...good, value: mangle(good.value, value) })),
      ]);
      expect(() => gather(run(adapter, source, project, [...records, ...odd]))).not.toThrow();
      expect(() => gather(run(adapter, source, project, [...odd, ...records]))).not.toThrow();
    }
  });
}

/** A host that says of some files that they are unchanged. */
function marking(host: Host, isUnchanged: (path: string) => boolean): Host {
  const list = (folder: string) =>
    host.files
      .list(folder)
      .map((entry) =>
        entry.kind === 'file' && isUnchanged(host.path.join(folder, entry.name))
          ? { ...entry, unchanged: true as const }
          : entry,
      );
  return { ...host, files: { ...host.files, list } };
}

const oddValues: readonly unknown[] = [
  undefined,
  null,
  0,
  'text',
  [],
  [[]],
  {},
  { type: null },
  { type: 'a type of the year 2030', payload: [], message: 7 },
  { type: 'user', message: { role: 'user', content: [null, 5, { type: 'text' }] }, timestamp: 'REDACTED', uuid: 4 },
  { kind: 2, k: ['requests', '__proto__'], v: 'x' },
];

/** A record whose fields have become something else, one field at a time at the top level. */
function mangle(value: unknown, other: unknown): unknown {
  if (typeof value !== 'object' || value === null) return other;
  const keys = Object.keys(value);
  return { ...value, [keys[Math.min(2, keys.length - 1)] ?? 'x']: other };
}

function record(value: unknown, start: number): NativeRecord {
  return { text: JSON.stringify(value) ?? '{"half": ', value, start, end: start + 1, newline: true };
}

export interface Run {
  readonly parser: Parser;
  readonly parsed: readonly Parsed[];
}

/** Reads records as a capture does, from the start or from a checkpoint's state. */
export function run(
  adapter: Adapter,
  source: Source,
  project: Project,
  records: readonly NativeRecord[],
  state?: unknown,
): Run {
  const context = { source, roots: project.roots };
  const parser = state === undefined ? adapter.parser(context) : adapter.parser(context, state);
  const parsed: Parsed[] = [];
  for (const item of records) {
    parser.push(item);
    parsed.push(...parser.take());
  }
  return { parser, parsed: [...parsed, ...parser.open()] };
}

/** What a capture would have stored after these runs: exchanges by session and ordinal, and the sessions' metadata. */
export function gather(...runs: readonly Run[]): unknown {
  const exchanges = new Map<string, unknown>();
  for (const { parsed } of runs)
    for (const item of parsed) exchanges.set(`${item.session} ${item.ordinal}`, item.exchange);
  return { exchanges: Object.fromEntries([...exchanges].sort()), sessions: runs.at(-1)?.parser.sessions() };
}
