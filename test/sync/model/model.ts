/** What an agent's store has of one exchange: its prompt, which is also its name, and the steps of the answer so far. */
export interface Turn {
  readonly name: string;
  /** Milliseconds since 1970 by the clock of whoever asked. No two exchanges have the same. */
  readonly at: number;
  readonly answer: readonly string[];
}

export type Label =
  | { readonly kind: 'title'; readonly value: string | null }
  | { readonly kind: 'hidden'; readonly value: boolean }
  | { readonly kind: 'tag'; readonly tag: string; readonly value: boolean };

/** A session, or an exchange in it. */
export interface Target {
  readonly session: string;
  readonly exchange?: string | undefined;
}

interface Labels {
  readonly title: string | null;
  readonly hidden: boolean;
  readonly tags: readonly string[];
}

export interface SeenExchange extends Labels {
  readonly name: string;
  /** Answers that contradict each other, sorted; one when there is no fork. */
  readonly versions: readonly string[];
}

/** A session as somebody sees it who knows certain things. */
export interface SeenSession extends Labels {
  readonly session: string;
  readonly name: string;
  readonly exchanges: readonly SeenExchange[];
}

interface Saved {
  readonly session: string;
  readonly turn: Turn;
}

interface Said extends Target {
  readonly lamport: number;
  readonly writer: number;
  readonly label?: Label;
  /** Exchanges that are deleted for ever, and with them the session when no exchange of it was named. */
  readonly gone?: readonly string[];
}

interface Writer {
  /** What its agents' stores hold. */
  readonly disk: Map<string, Turn[]>;
  /** What it has written into its history, in this order. */
  readonly log: (Saved | Said)[];
  /** How much it knows of the log of each writer. */
  readonly reach: number[];
}

/** A project as it should be: writers whose histories only grow, of which everybody knows a first part. It is told what is done and never looks at what came of it. */
export class Model {
  readonly writers: readonly Writer[];
  /** How much of each log the host has. */
  readonly host: number[];

  constructor(count: number) {
    this.host = Array(count).fill(0);
    this.writers = this.host.map(() => ({ disk: new Map(), log: [], reach: [...this.host] }));
  }

  /** What a writer sees: all it knows of everybody. */
  view(writer: number): SeenSession[] {
    return seen(this.known(writer));
  }

  /** What the host's index has. */
  hosted(): (Saved | Said)[][] {
    return this.host.map((length, index) => this.writer(index).log.slice(0, length));
  }

  capture(of: number): void {
    const { disk, log } = this.writer(of);
    const { gone, goneSessions } = deletions(this.known(of).flat().filter(isSaid));
    for (const [session, turns] of disk) {
      if (goneSessions.has(session)) continue;
      const stored = latest(log, session);
      for (const turn of turns) {
        if (!gone.has(turn.name) && stored.get(turn.name)?.answer.length !== turn.answer.length)
          log.push({ session, turn });
      }
    }
  }

  /** Says it, when that changes something. */
  say(of: number, target: Target, label: Label): void {
    const known = this.known(of).flat().filter(isSaid);
    const now = labels(known, target);
    const is = label.kind === 'title' ? now.title : label.kind === 'hidden' ? now.hidden : now.tags.includes(label.tag);
    if (is !== label.value) this.writer(of).log.push({ ...target, ...next(known, of), label });
  }

  delete(of: number, target: Target): void {
    const whole = this.view(of).find(({ session }) => session === target.session)?.exchanges ?? [];
    const gone = target.exchange === undefined ? whole.map(({ name }) => name) : [target.exchange];
    this.writer(of).log.push({ ...target, ...next(this.known(of).flat().filter(isSaid), of), gone });
  }

  push(of: number): void {
    this.host[of] = this.writer(of).log.length;
  }

  /** Brings what the host has, but for the writers that are left out. */
  fetch(of: number, without: readonly number[] = []): void {
    for (const [index, length] of this.host.entries()) {
      if (!without.includes(index)) this.writer(of).reach[index] = length;
    }
  }

  /** Whether nobody has anything that the host or another one lacks. */
  isQuiet(): boolean {
    return this.writers.every(
      ({ log, reach }, of) =>
        log.length === this.host[of] && this.host.every((length, index) => index === of || reach[index] === length),
    );
  }

  writer(index: number): Writer {
    const found = this.writers[index];
    if (!found) throw new RangeError(`no writer ${index}`);
    return found;
  }

  private known(of: number): (Saved | Said)[][] {
    return this.writers.map(({ log }, index) => (index === of ? log : log.slice(0, this.writer(of).reach[index])));
  }
}

/** What logs of all writers tell, the sessions by id. */
export function seen(logs: readonly (readonly (Saved | Said)[])[]): SeenSession[] {
  const said = logs.flat().filter(isSaid);
  const { gone, goneSessions } = deletions(said);
  const ids = new Set(logs.flat().flatMap((entry) => (isSaid(entry) ? [] : entry.session)));
  const sessions = [...ids].filter((session) => !goneSessions.has(session)).sort();
  return sessions.flatMap((session): SeenSession[] => {
    const copies = logs.map((log) => latest(log, session));
    const exchanges = merged(copies)
      .filter((name) => !gone.has(name))
      .map((name): SeenExchange => {
        const answers = copies.flatMap((copy) => textOf(copy.get(name)));
        const versions = [...new Set(answers)]
          .filter((one) => !answers.some((other) => other !== one && other.startsWith(one)))
          .sort();
        return { name, versions, ...labels(said, { session, exchange: name }) };
      });
    const [first] = exchanges;
    const own = labels(said, { session });
    // Named after the first prompt that is shown; after none of its prompts where none is.
    const named = exchanges.find(({ hidden }) => !hidden);
    return first ? [{ session, name: own.title ?? named?.name ?? '', exchanges, ...own }] : [];
  });
}

/** An answer as one text that begins another one exactly when its steps do. */
function textOf(turn: Turn | undefined): string[] {
  return turn ? [turn.answer.map((step) => `${step};`).join('')] : [];
}

/** The latest state of each exchange that a log has of a session, in its order, without what its writer deleted itself. */
export function latest(log: readonly (Saved | Said)[], session: string): Map<string, Turn> {
  const found = new Map<string, Turn>();
  for (const entry of log) {
    if (!isSaid(entry) && entry.session === session) found.set(entry.turn.name, entry.turn);
    if (isSaid(entry)) for (const name of entry.gone ?? []) found.delete(name);
  }
  return found;
}

/** Each copy's own order; the earliest first of those that no copy has behind another one that is left. */
function merged(copies: readonly ReadonlyMap<string, Turn>[]): string[] {
  const times = new Map(copies.flatMap((copy) => [...copy.values()].map(({ name, at }) => [name, at] as const)));
  const order: string[] = [];
  for (let left = copies.map((copy) => [...copy.keys()]); left.some(({ length }) => length > 0); ) {
    const free = left.flat().filter((name) => left.every((copy) => copy.indexOf(name) <= 0));
    const [first = ''] = free.sort((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0));
    order.push(first);
    left = left.map((copy) => copy.filter((name) => name !== first));
  }
  return order;
}

export function deletions(said: readonly Said[]): { gone: Set<string>; goneSessions: Set<string> } {
  const deleting = said.filter(({ gone }) => gone !== undefined);
  const whole = deleting.filter(({ exchange }) => exchange === undefined);
  return {
    gone: new Set(deleting.flatMap(({ gone = [] }) => gone)),
    goneSessions: new Set(whole.map(({ session }) => session)),
  };
}

/** The last word on each thing counts, in the order of the logical clocks, then of the writers. */
function labels(said: readonly Said[], { session, exchange }: Target): Labels {
  const about = said.filter((one) => one.session === session && one.exchange === exchange);
  let now = { title: null as string | null, hidden: false, tags: [] as readonly string[] };
  for (const { label } of about.sort((a, b) => a.lamport - b.lamport || a.writer - b.writer)) {
    if (label?.kind === 'title') now = { ...now, title: label.value };
    if (label?.kind === 'hidden') now = { ...now, hidden: label.value };
    const others = label?.kind === 'tag' ? now.tags.filter((tag) => tag !== label.tag) : now.tags;
    if (label?.kind === 'tag') now = { ...now, tags: (label.value ? [...others, label.tag] : others).toSorted() };
  }
  return now;
}

function next(known: readonly Said[], writer: number): { lamport: number; writer: number } {
  return { lamport: 1 + Math.max(0, ...known.map(({ lamport }) => lamport)), writer };
}

export function isSaid(entry: Saved | Said): entry is Said {
  return 'lamport' in entry;
}
