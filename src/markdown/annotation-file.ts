import type { Annotation } from '../core/annotation.ts';
import type { Redacted } from '../core/redacted.ts';
import { vouch } from '../core/vouch.ts';

/** The file of an annotation: `parseAnnotation` gives it back. */
export function renderAnnotation(annotation: Redacted<Annotation>): Redacted<string> {
  return vouch(`${JSON.stringify(annotation)}\n`);
}
