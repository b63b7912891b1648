import type { ObjectId, WriterId } from '../../core/ids.ts';
import type { WriterRef } from '../../git/writer-ref.ts';

/** A move of a ref that was asked for and may be done. */
export interface Move {
  readonly ref: WriterRef;
  readonly writer: WriterId;
  readonly kind: 'history' | 'raw';
  readonly from: ObjectId | undefined;
  readonly to: ObjectId;
  /** The ref is there already: the same push came before, and its answer was lost. */
  readonly isDone: boolean;
}

/** What becomes of each ref of a push, in the order of its commands: a move, or the reason why not. */
export class Decisions {
  private readonly all = new Map<string, Move | string>();
  private readonly isAtomic: boolean;

  constructor(isAtomic: boolean) {
    this.isAtomic = isAtomic;
  }

  allow(move: Move): void {
    this.all.set(move.ref, move);
  }

  refuse(ref: string, why: string): void {
    this.all.set(ref, why);
  }

  /** What still may be done. With `--atomic` that is nothing once anything was refused. */
  moves(): Move[] {
    const decided = [...this.all];
    const refused = decided.find(([, decision]) => typeof decision === 'string')?.[0];
    if (this.isAtomic && refused !== undefined) {
      for (const [ref, decision] of decided) {
        if (typeof decision !== 'string') this.refuse(ref, `atomic push: ${refused} was refused`);
      }
    }
    return [...this.all.values()].filter((decision) => typeof decision !== 'string');
  }

  /** Refuses everything that still may be done. */
  refuseAll(why: string): void {
    for (const { ref } of this.moves()) this.refuse(ref, why);
  }

  /** The lines of a report-status (gitprotocol-pack), without line ends. */
  report(unpacked: string): string[] {
    const lines = [...this.all].map(([ref, decision]) =>
      typeof decision === 'string' ? `ng ${ref} ${oneLine(decision)}` : `ok ${ref}`,
    );
    return [`unpack ${oneLine(unpacked)}`, ...lines];
  }
}

function oneLine(text: string): string {
  return text.replace(/[^ -~]+/g, ' ').slice(0, 500);
}
