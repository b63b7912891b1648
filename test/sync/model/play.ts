import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type Operation, operations, type Plan, partsOf } from './operations.ts';
import type { World } from './world.ts';

/** One operation as fast-check runs, shrinks and prints it. */
export class Step implements fc.AsyncCommand<Plan, World> {
  private readonly operation: Operation;

  constructor(operation: Operation) {
    this.operation = operation;
  }

  check(plan: Readonly<Plan>): boolean {
    return plan.isPossible(this.operation);
  }

  async run(plan: Plan, world: World): Promise<void> {
    for (const part of partsOf(this.operation)) for (const action of plan.take(part)) await world.take(action);
  }

  toString(): string {
    return JSON.stringify(this.operation);
  }
}

/** Plays operations in a world of their own, and lets it settle. */
export async function play(world: World, steps: Iterable<Step>): Promise<void> {
  try {
    await fc.asyncModelRun(() => ({ model: world.plan, real: world }), steps);
    await world.settle();
  } finally {
    world.remove();
  }
}

export function stepsOf(operations: readonly Operation[]): Step[] {
  return operations.map((operation) => new Step(operation));
}

/** What once went wrong: the counterexample of a failure goes there. */
export const crashers: readonly Crasher[] = JSON.parse(
  readFileSync(new URL('./crashers.json', import.meta.url), 'utf8'),
);

interface Crasher {
  readonly what: string;
  readonly writers: number;
  readonly operations: readonly Operation[];
}

/** FC_RUNS draws more than usual, for at most SOAK_MINUTES. */
const minutes = Number(process.env.SOAK_MINUTES ?? 60);
export const limit = (minutes + 10) * 60_000;

/** Draws worlds and what is done in them; gives how many. */
export async function draw(worldOf: (writers: number) => World, usual: number): Promise<number> {
  const one = operations.map((arbitrary) => arbitrary.map((operation) => new Step(operation)));
  // Faults are found in short runs as well as in long ones, and short ones cost little.
  const steps = fc.oneof(...[20, 20, 60].map((maxCommands) => fc.commands(one, { maxCommands, size: 'max' })));
  const { seed = Math.floor(Math.random() * 2 ** 31), numRuns = usual } = fc.readConfigureGlobal() ?? {};
  const count = { runs: 0, operations: 0 };
  const started = performance.now();
  const property = fc.asyncProperty(fc.integer({ min: 3, max: 5 }), steps, async (writers, drawn) => {
    count.runs++;
    count.operations += [...drawn].length;
    await play(worldOf(writers), drawn as Iterable<Step>);
  });
  const bounds = { interruptAfterTimeLimit: minutes * 60_000, markInterruptAsFailure: false };
  try {
    await fc.assert(property, { numRuns, seed, ...bounds });
  } finally {
    const seconds = Math.round((performance.now() - started) / 1000);
    console.info(`seed ${seed}: ${count.runs} runs of ${count.operations} operations in ${seconds} s`);
  }
  return count.runs;
}
