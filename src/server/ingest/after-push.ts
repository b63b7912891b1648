import { setTimeout as pause } from 'node:timers/promises';
import { counted } from '../../core/text.ts';
import { TreeReader } from '../../git/tree-reader.ts';
import { type Verdict, verdictLine } from '../../protocol/verdict.ts';
import type { Move } from '../receive/decision.ts';
import type { Pusher } from '../receive/receive.ts';
import { changedItems } from './changed-items.ts';
import type { Ingest, IngestServices } from './ingest.ts';

export interface AfterPushOptions extends IngestServices {
  readonly ingest: Ingest;
  /** Milliseconds that a push waits for its verdicts. */
  readonly patience: number;
  readonly onProblem: (thrown: unknown) => void;
}

/**
 * Takes in what a push brought, and tells the client of each session what became of it. What is not done in time goes on behind the answer, and is told
 * as `deferred`. A push that came before and changes nothing is told what its first time made of it.
 */
export function afterPush(
  options: AfterPushOptions,
): (pusher: Pusher, move: Move, tell: (line: string) => void) => Promise<void> {
  return async ({ project, speaksProtocol }, move, tell) => {
    if (move.kind !== 'history') return;
    const words = new Words(speaksProtocol, tell);
    const told = new Set<string>();
    let isOver = false;
    const work = options.ingest.take(project.key, move.writer, (path, verdict) => {
      // What is found behind the answer is told by it as deferred.
      if (isOver) return;
      told.add(path);
      if (verdict) words.say(verdict);
    });
    const outcome = await inTime(work, options.patience, options.onProblem);
    isOver = true;
    if (outcome !== 'done' || move.isDone) {
      for await (const verdict of untold(options, project.key, move, told, outcome)) words.say(verdict);
    }
    words.end();
  };
}

/** `elsewhere`: another server did some of it. */
type Outcome = 'done' | 'elsewhere' | 'late';

/** What fails is looked at again with the next push or the next start: for the client that is later as well. */
async function inTime(
  work: Promise<boolean>,
  patience: number,
  onProblem: (thrown: unknown) => void,
): Promise<Outcome> {
  const timer = new AbortController();
  const late = pause(patience, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
  const done = work.then(
    (isOurs) => (isOurs ? ('done' as const) : ('elsewhere' as const)),
    (thrown: unknown) => {
      onProblem(thrown);
      return 'late' as const;
    },
  );
  const outcome = await Promise.race([done, late]);
  timer.abort();
  return outcome;
}

/** What is to be said of the sessions of a push of which nothing was said. */
async function* untold(
  { repositories, store }: IngestServices,
  project: string,
  { from, to, writer }: Move,
  told: ReadonlySet<string>,
  outcome: Outcome,
): AsyncGenerator<Verdict> {
  const rejected = new Map(
    (await store.rejections(project)).filter((row) => row.writer === writer).map((row) => [row.path, row]),
  );
  const reader = new TreeReader(await repositories.open(project));
  try {
    for await (const { path, entry } of changedItems(reader, from, to)) {
      if (told.has(path) || !entry || !path.startsWith('sessions/')) continue;
      const session = (await store.known(project, writer, path))?.session ?? path.slice(path.lastIndexOf('/') + 1);
      const fault = rejected.get(path);
      if (outcome === 'late') yield { session, status: 'deferred' };
      else if (fault) yield { session: fault.session, status: 'rejected', code: fault.code, reason: fault.reason };
      else yield { session, status: 'duplicate', exchanges: 0 };
    }
  } finally {
    await reader.close();
  }
}

/** Verdicts for a program that knows them, or a few lines for people. */
class Words {
  private readonly speaksProtocol: boolean;
  private readonly tell: (line: string) => void;
  private readonly counts = new Map<Verdict['status'], number>();

  constructor(speaksProtocol: boolean, tell: (line: string) => void) {
    this.speaksProtocol = speaksProtocol;
    this.tell = tell;
  }

  say(verdict: Verdict): void {
    this.counts.set(verdict.status, (this.counts.get(verdict.status) ?? 0) + 1);
    if (this.speaksProtocol) this.tell(verdictLine(verdict));
    else if (verdict.status === 'rejected')
      this.tell(`session ${printed(verdict.session)} was not taken: ${verdict.reason}\n`);
  }

  end(): void {
    const sums = [...this.counts].map(([status, count]) => `${counted(count, 'session')} ${status}`);
    if (!this.speaksProtocol && sums.length > 0) this.tell(`${sums.join(', ')}\n`);
  }
}

/** Part of an id that somebody else chose, harmless on a terminal. */
function printed(session: string): string {
  return session.slice(0, 100).replace(/[^ -~]/g, '?');
}
