import { parseQuery } from '../src/search/language/parse.ts';
import type { Scope, SearchIndex } from '../src/search/search-index.ts';
import type { Figure } from './figure.ts';
import { corpus, corpusStart } from './search-corpus.ts';

const projects = Array.from({ length: 10 }, (_, at) => String(at).repeat(32));
const now = corpusStart + 2 * 365 * 86_400_000;

/** What people ask, by kind; each is asked many times with other words. */
const shapes: Readonly<Record<string, readonly string[]>> = {
  'a common word': ['test', 'file', 'error', 'the', 'function'],
  'a rare word': ['reflection', 'decorator', 'getTooltip', 'annotation', 'tuple'],
  'two words': ['retry backoff', 'flaky test', 'cache error', 'the file', 'token missing'],
  'four words': [
    'fix flaky snapshot test',
    'server request timeout error',
    'the file error code',
    'merge branch push remote',
  ],
  'an identifier': ['parseSession', 'cache_queue', 'renderLayout', 'updateServer'],
  'a beginning': ['rend*', 'valid*', 'par*', 'migr*'],
  'a phrase': ['"the file"', '"error in"', '"pnpm test --filter"', '"cookie route"', '"not found before"'],
  'a piece of a word': ['"rseSess"', '"okie"', '"derLay"', '"pdateSer"'],
  'a word and filters': [
    'error agent:codex',
    'deploy branch:main has:commit',
    'test author:person3',
    'cache has:error agent:cursor',
  ],
  'filters only': [
    'agent:codex has:error',
    'edited:src/update/**',
    'has:commit author:person1',
    'tool:bash model:claude',
  ],
  'a word in a time': ['error after:2025-01-01 before:2025-02-01', 'deploy on:2024-12-24', 'test before:2024-07-01'],
  'alternatives, and not': ['(vitest OR jest) -snapshot', 'error -test', 'deploy OR rollback OR release', '-the -a'],
  'a field': ['in:prompt deploy', 'in:diff cache', 'title:release', 'in:output error'],
  'a regular expression': ['/cach(e|ing) (queue|error)/', '/retry.*backoff/'],
  'a command': ['cmd:"pnpm test"', 'cmd:"cargo build"'],
  'the newest': ['', 'sort:newest error', 'sort:oldest test', 'group:day error'],
  nothing: ['xyzzyplugh', 'error xyzzyplugh', 'agent:codx'],
};

const scope: Scope = { projects: projects.map((key) => ({ key, names: [key], hidden: true })), me: ['person1'] };

/** Fills an index with the corpus. */
export async function filled(index: SearchIndex, where: string, exchanges: number): Promise<Figure> {
  let spent = 0;
  for (const step of corpus({ exchanges, projects })) {
    const start = performance.now();
    await index.apply(step);
    spent += performance.now() - start;
  }
  const value = exchanges / (spent / 1000);
  return { what: `index ${exchanges} exchanges${where}`, value, unit: 'exchanges/s', reach: 3000, atLeast: true };
}

/** Asks everything many times. `reach` is for p50 and p99 in milliseconds. */
export async function asked(
  index: SearchIndex,
  where: string,
  size: { readonly exchanges: number; readonly bytes: number },
  reach: { readonly p50: number; readonly p99: number },
): Promise<Figure[]> {
  const { exchanges, bytes } = size;
  const times = new Map<string, number[]>();
  for (let round = 0; round < 11; round++) {
    for (const [shape, texts] of Object.entries(shapes)) {
      for (const text of texts) {
        const { query } = parseQuery(text);
        const start = performance.now();
        await index.search(query, scope, { limit: 20, facets: true }, now);
        // The first round is not counted: it brings the pages of the file into memory.
        if (round > 0) times.set(shape, [...(times.get(shape) ?? []), performance.now() - start]);
      }
    }
  }
  const all = [...times.values()].flat();
  const note = `${exchanges} exchanges, ${(bytes / exchanges / 1000).toFixed(1)} kB each on disk`;
  const each = [...times]
    .map(([shape, of]) => `${shape} ${share(of, 0.5).toFixed(1)}/${share(of, 0.99).toFixed(1)}`)
    .join(', ');
  return [
    { what: `search${where}, p50`, value: share(all, 0.5), unit: 'ms', reach: reach.p50, note },
    { what: `search${where}, p99`, value: share(all, 0.99), unit: 'ms', reach: reach.p99, note: `p50/p99 of ${each}` },
  ];
}

function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
