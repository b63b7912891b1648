import type { Annotation, Statement } from '../../core/annotation.ts';
import type { Output } from '../output.ts';

/** What was said, for people or for scripts. */
export function showStatements(output: Output, annotations: readonly Annotation[], json: boolean | undefined): void {
  if (json) {
    output.json(annotations.map(statementJson));
    return;
  }
  if (annotations.length === 0) output.line('nothing to change');
  for (const { session, exchange, statement } of annotations) {
    const target = exchange === undefined ? session.slice(0, 36) : `${session.slice(0, 36)} exchange ${exchange}`;
    output.line(`${output.style('green', '✓')} ${target}: ${wordsOf(statement)}`);
  }
}

function statementJson({ session, exchange, statement, lamport, writer }: Annotation): Record<string, unknown> {
  return { session_id: session, exchange_id: exchange ?? null, statement, lamport, writer };
}

function wordsOf(statement: Statement): string {
  switch (statement.kind) {
    case 'title':
      return statement.value === null ? 'title taken back' : `title "${statement.value}"`;
    case 'hidden':
      return statement.value ? 'hidden' : 'not hidden any more';
    case 'tag':
      return `${statement.value ? '+' : '-'}${statement.tag}`;
    case 'deleted':
      return 'deleted';
  }
}
