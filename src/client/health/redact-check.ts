import type { Redactor } from '../../redact/redactor.ts';

/** One passage that the redactor would replace. The secret itself is never part of it. */
export interface CheckFinding {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  /** Characters. */
  readonly length: number;
  readonly why: string;
}

/** What the redactor would take out of a text, in order. */
export function checkText(redactor: Redactor, text: string): CheckFinding[] {
  const findings: CheckFinding[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  for (const { rule, start, end, why } of redactor.find(text)) {
    for (let next = text.indexOf('\n', at); next >= 0 && next < start; next = text.indexOf('\n', at)) {
      line++;
      at = next + 1;
      lineStart = at;
    }
    findings.push({ line, column: start - lineStart + 1, rule, length: end - start, why });
  }
  return findings;
}
