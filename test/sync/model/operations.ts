import fc from 'fast-check';
import type { Label, Model, SeenSession, Target, Turn } from './model.ts';

/** One operation as it is drawn: numbers choose among what there is when its turn comes, so that it means something in any order and can be kept as JSON. */
export type Operation =
  | {
      readonly do: 'ask' | 'answer' | 'branch' | 'collide';
      readonly by: number;
      readonly session: number;
      readonly steps: number;
    }
  | {
      readonly do: 'argue';
      readonly by: number;
      readonly to: number;
      readonly session: number;
      readonly exchange: number;
      readonly label: Label;
    }
  | { readonly do: 'copy'; readonly by: number; readonly to: number; readonly session: number }
  | { readonly do: 'capture'; readonly by: number; readonly crash?: Crash; readonly during?: 'gc' }
  | {
      readonly do: 'label';
      readonly by: number;
      readonly session: number;
      readonly exchange: number;
      readonly label: Label;
      readonly crash?: Crash;
    }
  | {
      readonly do: 'delete';
      readonly by: number;
      readonly session: number;
      readonly exchange: number;
      readonly crash?: Crash;
    }
  | { readonly do: 'push'; readonly by: number; readonly cut?: Cut }
  | { readonly do: 'fetch'; readonly by: number; readonly locked?: number }
  | { readonly do: 'sync' | 'gc' | 'forget' | 'repack'; readonly by: number }
  | { readonly do: 'rush' }
  | { readonly do: 'gc host' }
  | { readonly do: 'skew'; readonly by: number; readonly clock: number };

type Part = Exclude<Operation, { do: 'argue' }>;

/** The process is killed when it is about to start a git, or when that git is done. */
export type Crash = 'before fast-import' | 'before update-ref' | 'after update-ref';
/** A push breaks off before the refs of the host move, or behind that and before the answer. */
export type Cut = 'before' | 'after';

/** An operation with names instead of numbers. */
export type Action =
  | { readonly do: 'write'; readonly by: number; readonly session: string; readonly turns: readonly Turn[] }
  | {
      readonly do: 'capture';
      readonly by: number;
      readonly crash?: Crash | undefined;
      readonly during?: 'gc' | undefined;
    }
  | {
      readonly do: 'label';
      readonly by: number;
      readonly target: Named;
      readonly label: Label;
      readonly crash?: Crash | undefined;
    }
  | { readonly do: 'delete'; readonly by: number; readonly target: Named; readonly crash?: Crash | undefined }
  | { readonly do: 'push'; readonly by: readonly number[]; readonly cut?: Cut | undefined }
  | { readonly do: 'fetch'; readonly by: number; readonly locked?: number | undefined }
  | { readonly do: 'sync' | 'gc' | 'forget' | 'repack'; readonly by: number }
  | { readonly do: 'gc host' };

/** What a person says: the session, and the number of the exchange in it. */
interface Named extends Target {
  readonly number?: number | undefined;
}

/** By how many milliseconds a clock is wrong: right, an hour, a day, ten years, 1970, 2038. No two shapes give the same time. */
const skews: readonly number[] = [
  ...[0, 315_576_000_023, -315_576_000_029, 3_600_007, -3_600_013, 86_400_017, -86_400_019],
  ...[-1_795_000_000_031, 363_600_000_037, -1, 7_200_041, -30_000_043],
];
const start = Date.UTC(2026, 10, 20, 9);

/** What the operations need to know beside the model: the clocks, and what is left to choose names from. */
export class Plan {
  readonly model: Model;
  private readonly clocks: number[];
  private serial = 0;

  constructor(model: Model) {
    this.model = model;
    // No two machines agree about the time.
    this.clocks = model.writers.map((_, index) => index);
  }

  /** What a writer's clock says. */
  now(by: number): number {
    return start + this.serial * 1000 + (skews[this.clocks[by] ?? 0] ?? 0);
  }

  /** Whether the operation means anything now. */
  isPossible(whole: Operation): boolean {
    const serial = this.serial;
    const [operation] = partsOf(whole);
    const isPossible = operation?.do === 'skew' || (operation !== undefined && this.actionsOf(operation).length > 0);
    this.serial = serial;
    return isPossible;
  }

  /** What is to be done. Clocks go on. */
  take(operation: Part): Action[] {
    this.serial++;
    if (operation.do === 'skew') this.clocks[this.of(operation.by)] = operation.clock % skews.length;
    return operation.do === 'skew' ? [] : this.actionsOf(operation);
  }

  private actionsOf(operation: Exclude<Part, { do: 'skew' }>): Action[] {
    if (operation.do === 'gc host') return [{ do: 'gc host' }];
    if (operation.do === 'rush') return [{ do: 'push', by: this.model.writers.map((_, index) => index) }];
    const by = this.of(operation.by);
    switch (operation.do) {
      case 'ask':
      case 'answer':
      case 'branch':
      case 'collide':
        return this.writing(operation, by);
      case 'copy':
        return this.copying(operation, by, this.of(operation.to));
      case 'label':
        return this.named(operation, by).map((target) => ({ ...operation, by, target }));
      case 'delete':
        return this.named(operation, by).map((target) => ({ ...operation, by, target }));
      case 'push':
        return [{ ...operation, by: [by] }];
      case 'fetch':
        return [{ ...operation, by, locked: operation.locked === undefined ? undefined : this.of(operation.locked) }];
      default:
        return [{ ...operation, by }];
    }
  }

  private of(number: number): number {
    return number % this.model.writers.length;
  }

  /** An agent at work: a new prompt, more of the last answer, a session that goes on from a part of another one, or one that has the id of somebody else's. */
  private writing({ do: what, session: at, steps }: Extract<Operation, { steps: number }>, by: number): Action[] {
    const { disk } = this.model.writer(by);
    const sessions = [...disk.keys()];
    const fresh = this.sessionId();
    if (what === 'collide') {
      const others = this.model.writers.flatMap((writer) => [...writer.disk.keys()]).filter((id) => !disk.has(id));
      return [...pick(others, at)].map((session) => ({ do: 'write', by, session, turns: [this.turn(by, steps)] }));
    }
    const isNew = what === 'ask' && at % (sessions.length + 1) === sessions.length;
    const [session] = isNew ? [fresh] : pick(sessions, at);
    if (session === undefined) return [];
    const turns = disk.get(session) ?? [];
    if (what === 'branch')
      return [{ do: 'write', by, session: fresh, turns: turns.slice(0, 1 + (steps % turns.length)) }];
    if (what === 'ask') return [{ do: 'write', by, session, turns: [...turns, this.turn(by, steps)] }];
    const last = turns.at(-1);
    const grown = last && { ...last, answer: [...last.answer, ...this.steps(by, 1 + steps)] };
    return grown ? [{ do: 'write', by, session, turns: [...turns.slice(0, -1), grown] }] : [];
  }

  /** A transcript comes to another machine, where it was not or was shorter. */
  private copying({ session: at }: { session: number }, from: number, to: number): Action[] {
    const theirs = this.model.writer(to).disk;
    const longer = [...this.model.writer(from).disk].filter(([id, turns]) => isBeginning(theirs.get(id) ?? [], turns));
    return pick(longer, at).map(([session, turns]) => ({ do: 'write', by: to, session, turns }));
  }

  private named({ session, exchange }: { session: number; exchange: number }, by: number): Named[] {
    return pick(this.model.view(by), session).flatMap((listed: SeenSession): Named[] => {
      const number = exchange % (listed.exchanges.length + 1);
      const target = { session: listed.session };
      return number === 0 ? [target] : [{ ...target, number, exchange: listed.exchanges[number - 1]?.name }];
    });
  }

  private turn(by: number, steps: number): Turn {
    return { name: `x${++this.serial}`, at: this.now(by), answer: this.steps(by, steps) };
  }

  private steps(by: number, count: number): string[] {
    return Array.from({ length: count }, () => `w${by}.${++this.serial}`);
  }

  private sessionId(): string {
    return `00000000-0000-4000-8000-${String(++this.serial).padStart(12, '0')}`;
  }
}

/** What an operation consists of, one after the other: somebody says something, and another one who heard of it says the opposite. */
export function partsOf(operation: Operation): Part[] {
  if (operation.do !== 'argue') return [operation];
  const { by, to, session, exchange, label } = operation;
  const about = { do: 'label', session, exchange } as const;
  const other: Label =
    label.kind === 'title'
      ? { ...label, value: label.value === 'one' ? 'two' : 'one' }
      : { ...label, value: !label.value };
  return [
    { ...about, by, label },
    { do: 'push', by },
    { do: 'fetch', by: to },
    { ...about, by: to, label: other },
  ];
}

function pick<T>(list: readonly T[], number: number): T[] {
  return list.length === 0 ? [] : list.slice(number % list.length).slice(0, 1);
}

function isBeginning(some: readonly Turn[], all: readonly Turn[]): boolean {
  if (some.length > all.length || JSON.stringify(some) === JSON.stringify(all)) return false;
  return some.every(({ name, answer }, index) => {
    const other = all[index];
    const isLast = index === some.length - 1;
    const same = other?.name === name && answer.every((step, at) => other.answer[at] === step);
    return same && (isLast || answer.length === other.answer.length);
  });
}

const by = fc.nat(4);
const few = fc.nat(5);
/** One in eight. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, key: string) =>
  fc.oneof(
    { weight: 7, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: arbitrary.map((value) => ({ [key]: value })) },
  );
const crash = rarely(fc.constantFrom<Crash>('before fast-import', 'before update-ref', 'after update-ref'), 'crash');
const label = fc.oneof(
  fc.record({ kind: fc.constant('title' as const), value: fc.constantFrom('one', 'two', null) }),
  fc.record({ kind: fc.constant('hidden' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('tag' as const), tag: fc.constantFrom('a', 'b'), value: fc.boolean() }),
);
const doing = <K extends Operation['do']>(kind: K) => ({ do: fc.constant(kind), by });

const capture = fc.tuple(fc.record(doing('capture')), crash, rarely(fc.constant('gc'), 'during')).map(merged);
// Most of what is said is about the same few things: only then words can contradict each other.
const target = { session: fc.nat(1), exchange: fc.constantFrom(0, 0, 0, 1, 2) };
const saying = fc.tuple(fc.record({ ...doing('label'), ...target, label }), crash).map(merged);
const deleting = fc.tuple(fc.record({ ...doing('delete'), session: few, exchange: few }), crash).map(merged);
const pushing = fc.tuple(fc.record(doing('push')), rarely(fc.constantFrom<Cut>('before', 'after'), 'cut')).map(merged);
const fetching = fc.tuple(fc.record(doing('fetch')), rarely(by, 'locked')).map(merged);

/** What is done, and how often. */
const weighed: readonly (readonly [number, fc.Arbitrary<Operation>])[] = [
  [4, fc.record({ ...doing('ask'), session: few, steps: fc.nat(3) })],
  [3, fc.record({ ...doing('answer'), session: few, steps: fc.nat(3) })],
  [1, fc.record({ ...doing('branch'), session: few, steps: fc.nat(3) })],
  [1, fc.record({ ...doing('collide'), session: few, steps: fc.nat(3) })],
  [2, fc.record({ ...doing('copy'), to: by, session: few })],
  [6, capture],
  [4, saying],
  [3, fc.record({ ...doing('argue'), to: by, ...target, label })],
  [2, deleting],
  [3, pushing],
  [4, fetching],
  [4, fc.record(doing('sync'))],
  [2, fc.record({ do: fc.constant('rush' as const) })],
  [1, fc.record({ do: fc.constantFrom('gc' as const, 'repack' as const, 'forget' as const), by })],
  [1, fc.record({ do: fc.constant('gc host' as const) })],
  [1, fc.record({ ...doing('skew'), clock: fc.nat(skews.length - 1) })],
];

/** Each as often as it is done. */
export const operations = weighed.flatMap(([weight, one]) => Array<typeof one>(weight).fill(one));

function merged(parts: readonly object[]): Operation {
  return Object.assign({}, ...parts);
}
