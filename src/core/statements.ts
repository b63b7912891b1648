import { type Annotation, compareAnnotations, type Target } from './annotation.ts';
import type { ExchangeId, SessionId } from './ids.ts';
import { greatestClock } from './lamport.ts';

/** What was said of a session, or of an exchange, apart from its being deleted. */
export interface Labels {
  /** Title given by an owner. */
  readonly title?: string;
  readonly hidden: boolean;
  /** Sorted by code units. */
  readonly tags: readonly string[];
}

/** What is deleted for ever. */
export interface Tombstones {
  readonly sessions: ReadonlySet<SessionId>;
  readonly exchanges: ReadonlySet<ExchangeId>;
  /** Hex SHA-256 of exchange files. */
  readonly content: ReadonlySet<string>;
  /** Sessions of which an exchange was deleted: their original records hold it too. */
  readonly parts: ReadonlySet<SessionId>;
}

/** Annotations as they apply, whatever order they came in. */
export interface Statements {
  of(target: Target): Labels;
  readonly tombstones: Tombstones;
  /** Everything that something was said of, with what holds. */
  readonly labelled: readonly (Target & Labels)[];
  /** The greatest logical time that counts; the next statement takes the one after it. */
  readonly clock: number;
  /** Those whose clock is too far ahead. */
  readonly refused: readonly Annotation[];
}

/** Applies annotations in their order. `clocks` are the logical times of all annotation files, also of those that say what we do not understand. */
export function statementsOf(annotations: Iterable<Annotation>, clocks: Iterable<number>): Statements {
  const all = [...annotations];
  const greatest = greatestClock([...clocks, ...all.map(({ lamport }) => lamport)]);
  const counting = all.filter(({ lamport }) => lamport <= greatest).sort(compareAnnotations);
  const targets = new Map<string, Labelling>();
  for (const annotation of counting) {
    const labelling = targets.get(keyOf(annotation)) ?? new Labelling(annotation);
    targets.set(keyOf(annotation), labelling);
    labelling.apply(annotation);
  }
  return {
    of: (target) => targets.get(keyOf(target))?.labels() ?? none,
    tombstones: tombstonesOf(counting),
    labelled: [...targets.values()].map((labelling) => ({ ...labelling.target, ...labelling.labels() })),
    clock: greatest,
    refused: all.filter(({ lamport }) => lamport > greatest),
  };
}

const none: Labels = { hidden: false, tags: [] };

function keyOf({ session, exchange }: Target): string {
  return `${exchange ?? ''} ${session}`;
}

/** What is said of one target so far: the last word counts. */
class Labelling {
  readonly target: Target;
  private title: string | null = null;
  private hidden = false;
  private readonly tags = new Map<string, boolean>();

  constructor({ session, exchange }: Target) {
    this.target = { session, ...(exchange === undefined ? {} : { exchange }) };
  }

  apply({ statement }: Annotation): void {
    if (statement.kind === 'title') this.title = statement.value;
    else if (statement.kind === 'hidden') this.hidden = statement.value;
    else if (statement.kind === 'tag') this.tags.set(statement.tag, statement.value);
  }

  labels(): Labels {
    const tags = [...this.tags].filter(([, value]) => value).map(([tag]) => tag);
    return { ...(this.title === null ? {} : { title: this.title }), hidden: this.hidden, tags: tags.sort() };
  }
}

function tombstonesOf(annotations: readonly Annotation[]): Tombstones {
  const sessions = new Set<SessionId>();
  const exchanges = new Set<ExchangeId>();
  const content = new Set<string>();
  const parts = new Set<SessionId>();
  for (const { session, exchange, statement } of annotations) {
    if (statement.kind !== 'deleted') continue;
    (exchange === undefined ? sessions : parts).add(session);
    for (const id of exchange === undefined ? statement.exchanges : [exchange, ...statement.exchanges])
      exchanges.add(id);
    for (const hash of statement.content) content.add(hash);
  }
  return { sessions, exchanges, content, parts };
}
