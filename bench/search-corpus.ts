import { createHash } from 'node:crypto';
import { exchangeId, isAgentId, isWriterId, sessionId, type WriterId } from '../src/core/ids.ts';
import { flags } from '../src/search/document-flags.ts';
import type { Fact, SearchDocument, SessionFacts } from '../src/search/documents.ts';
import type { SearchStep } from '../src/search/search-index.ts';

/** Words of conversations with agents, the most frequent first. */
const words =
  `the to a and of in is it that for you this with on be as not I are can have if from we or will but at an by all so do file
now code test use function error should run add need make which change new there just let only when also one has was like get
what more work set type value into fix here check data path name string return user call other after up see class import want
out update server look first then its code build request line two command response time read state write create same module
result message session key list problem default config version client case issue because handle package method found before
does while any still where missing export object without how option field page component database query table index schema
branch commit merge push pull remote fetch token secret login password retry timeout backoff cache queue worker thread lock
deadlock race flaky snapshot fixture mock assert vitest jest pytest cargo docker deploy release migrate rollback webhook stream
buffer parse render validate encode decode hash sign verify encrypt header cookie route middleware controller service model view
layout style theme button modal dialog form input select checkbox tooltip sidebar navbar footer scroll resize drag animation
async await promise callback closure iterator generator generic interface enum union tuple decorator annotation reflection`
    .split(/\s+/)
    .filter(Boolean);

const stems = words.slice(60);
const agents = ['claude', 'claude', 'claude', 'codex', 'codex', 'cursor', 'gemini'];
const people = Array.from({ length: 12 }, (_, at) => `Person ${at} <person${at}@example.org>`);
const branches = [
  'main',
  'main',
  'main',
  'develop',
  ...Array.from({ length: 60 }, (_, at) => `feature/${stems[at]}-${at}`),
];
const commands = [
  'npm test',
  'pnpm test --filter web',
  'git status',
  'git commit -m "wip"',
  'cargo build --release',
  'go test ./...',
  'rg -n',
  'ls -la',
];

/** Numbers that only look random: the same seed gives the same corpus. */
class Dice {
  private seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  next(): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.seed / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  }
}

/** Texts whose words follow Zipf's law: prose, identifiers, paths, numbers and hashes, as in transcripts. */
class Writing {
  readonly dice: Dice;

  constructor(seed: number) {
    this.dice = new Dice(seed);
  }

  prose(length: number): string {
    return Array.from({ length }, () => (this.dice.next() < 0.12 ? this.identifier() : this.word())).join(' ');
  }

  output(length: number): string {
    return Array.from({ length }, (_, at) => {
      const kind = this.dice.next();
      const piece =
        kind < 0.5 ? this.word() : kind < 0.7 ? this.identifier() : kind < 0.85 ? this.path() : this.unique();
      return at % 9 === 8 ? `${piece}\n` : piece;
    }).join(' ');
  }

  word(): string {
    // Zipf: the logarithm of the rank is even.
    return words[Math.floor(Math.exp(this.dice.next() * Math.log(words.length + 1))) - 1] ?? 'the';
  }

  /** One of 60,000 names, the first ones often. */
  identifier(): string {
    const rank = Math.floor(Math.exp(this.dice.next() * Math.log(60_000)));
    const [a = 'get', b = 'user'] = [stems[rank % stems.length], stems[Math.floor(rank / stems.length) % stems.length]];
    return rank % 3 === 0 ? `${a}_${b}` : `${a}${b.charAt(0).toUpperCase()}${b.slice(1)}`;
  }

  path(): string {
    const rank = Math.floor(Math.exp(this.dice.next() * Math.log(8000)));
    const [a = 'core', b = 'text', c = 'a'] = [
      stems[rank % 40],
      stems[rank % stems.length],
      stems[(rank * 7) % stems.length],
    ];
    return `src/${a}/${b}-${c}${rank % 17}.ts`;
  }

  /** What stands in one place only: a hash, a number, a time. */
  unique(): string {
    return this.dice.next() < 0.3 ? this.dice.below(0xffffffff).toString(16) : String(this.dice.below(100_000));
  }
}

const agent = ((id: string) => {
  if (!isAgentId(id)) throw new Error(id);
  return id;
})('claude');
const benchWriter: WriterId = ((id: string) => {
  if (!isWriterId(id)) throw new Error(id);
  return id;
})('a'.repeat(16));

/** When the corpus begins; it goes on for two years, evenly. */
export const corpusStart = Date.UTC(2024, 5, 1);
const corpusLength = 2 * 365 * 86_400_000;

export interface CorpusShape {
  /** Exchanges in all, over `projects`, in sessions of about 20. */
  readonly exchanges: number;
  readonly projects: readonly string[];
}

/** The steps that fill an index with a corpus, about 5000 exchanges each, in the order of time. */
export function* corpus({ exchanges, projects }: CorpusShape): Generator<SearchStep> {
  const writing = new Writing(1);
  const { dice } = writing;
  for (let done = 0, session = 0; done < exchanges; ) {
    const project = projects[Math.floor(dice.next() ** 2 * projects.length)] ?? projects[0] ?? '';
    const sessions: SearchStep['sessions'][number][] = [];
    for (let count = 0; count < 5000 && done < exchanges; session++) {
      const size = Math.min(exchanges - done, 5 + dice.below(30));
      const start = corpusStart + (done / exchanges) * corpusLength;
      const about = aboutSession(writing, session, size, start);
      const put = Array.from({ length: size }, (_, at) => exchange(writing, about, at + 1, start + at * 90_000));
      sessions.push({ kind: 'stored', about, put, drop: [] });
      count += size;
      done += size;
    }
    yield { project, writer: benchWriter, sessions };
  }
}

function aboutSession(writing: Writing, number: number, count: number, start: number): SessionFacts {
  const { dice } = writing;
  return {
    session: sessionId(`session-${number}`),
    agent: dice.of(agents),
    name: writing.prose(8),
    created: new Date(start).toISOString(),
    branch: dice.of(branches),
    author: dice.of(people),
    count,
  };
}

function exchange(writing: Writing, about: SessionFacts, ordinal: number, at: number): SearchDocument {
  const { dice } = writing;
  const key = `${about.session} ${ordinal}`;
  const files = Array.from({ length: dice.below(4) }, () => writing.path());
  const ran = Array.from(
    { length: dice.below(4) },
    () => `$ ${dice.of(commands)} ${dice.next() < 0.3 ? writing.path() : ''}`,
  );
  const fact = (kind: Fact['kind'], value: string): Fact => ({ kind, value });
  const facts = [
    fact('agent', about.agent),
    fact('branch', about.branch ?? 'main'),
    fact('author', about.author ?? ''),
    fact('session', about.session),
    fact('model', `${about.agent}-${1 + dice.below(5)}`),
    ...files.flatMap((path) => [
      fact('edited', path),
      fact('edited-folder', path.split('/').slice(0, 2).join('/')),
      fact('edited-folder', 'src'),
    ]),
    ...flags.filter((_, bit) => dice.next() < 0.3 / (bit + 1)).map((flag) => fact('has', flag)),
    ...(ran.length > 0 ? [fact('tool', 'Bash')] : []),
  ];
  return {
    exchange: exchangeId(agent, { message: key }),
    ordinal,
    fingerprint: createHash('sha256').update(key).digest('hex'),
    at: Math.floor(at),
    texts: {
      title: ordinal === 1 ? about.name : '',
      prompt: writing.prose(10 + dice.below(50)),
      answer: writing.prose(30 + dice.below(120)),
      thinking: dice.next() < 0.3 ? writing.prose(40) : '',
      tool: ran.join('\n'),
      output: ran.length > 0 ? writing.output(20 + dice.below(80)) : '',
      diff: files.map((path) => `diff ${path}\n@@\n+${writing.prose(15)}`).join('\n'),
    },
    facts: [...new Map(facts.map((one) => [`${one.kind} ${one.value}`, one])).values()],
    tokens: dice.below(20_000),
    duration: dice.below(900),
  };
}
