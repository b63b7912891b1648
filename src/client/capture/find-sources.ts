import type { Adapter, Source } from '../../adapters/adapter.ts';
import { reason, SpecstoryError } from '../../core/errors.ts';
import type { AgentId } from '../../core/ids.ts';
import type { Context } from '../context.ts';
import { Belonging } from './belonging.ts';
import type { Look } from './look.ts';
import type { CaptureState } from './state.ts';

/** A source and who can read it. */
export interface Found {
  readonly adapter: Adapter;
  readonly source: Source;
}

/** Something that could not be read, in one line. */
export interface Failure {
  readonly agent: AgentId;
  readonly path: string;
  readonly reason: string;
  readonly hint?: string;
}

/**
 * The sources of the context's agents (or of those named), and what stood in the way of finding them. `state` tells which
 * were captured before; a `look` leaves out what has not changed since.
 */
export function findSources(
  context: Context,
  state: CaptureState,
  { agents = [], look }: { agents?: readonly AgentId[] | undefined; look?: Look } = {},
): { found: Found[]; failed: Failure[] } {
  const found: Found[] = [];
  const failed: Failure[] = [];
  const belonging = new Belonging(
    context.place('belonging'),
    context.project,
    (agent, key) => state.get({ agent, key }) !== undefined,
  );
  for (const adapter of context.adapters) {
    if (agents.length > 0 && !agents.includes(adapter.id)) continue;
    const seen = context.problems.length;
    try {
      const host = look?.host(context.host, adapter.id) ?? context.host;
      for (const source of adapter.find(host, context.project, belonging.of(adapter.id))) {
        found.push({ adapter, source });
      }
    } catch (thrown) {
      failed.push(failure(adapter.id, adapter.label, thrown));
    }
    const problems = context.problems.slice(seen);
    failed.push(...problems.map((problem) => ({ agent: adapter.id, ...problem, hint: 'check who may read it' })));
  }
  if (context.isInitialised) belonging.save();
  return { found, failed };
}

/** Any error as one line of a report. One that is not ours is a fault in the program; it says so and the others go on. */
export function failure(agent: AgentId, path: string, thrown: unknown): Failure {
  const known = thrown instanceof SpecstoryError;
  const hint = known ? thrown.hint : 'this is a fault of specstory: please report it';
  return { agent, path, reason: reason(thrown), ...(hint ? { hint } : {}) };
}
