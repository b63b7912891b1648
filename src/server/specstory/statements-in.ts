import { type Statements, statementsOf } from '../../core/statements.ts';
import type { StoredAnnotation } from '../store/index-store.ts';

/** What was said in a project and counts, as it applies. */
export function statementsIn(said: readonly StoredAnnotation[]): Statements {
  return statementsOf(
    said.map((one) => ({ ...one, format: 1 as const, at: '' })),
    [],
  );
}
