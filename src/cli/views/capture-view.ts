import type { CaptureReport } from '../../client/capture/capture.ts';
import { counted, oneLine } from '../../core/text.ts';
import type { Output } from '../output.ts';

/** The report of a capture for scripts; the shape is promised in the README. */
export function captureJson(report: CaptureReport): Record<string, unknown> {
  return {
    captured: report.captured.map(({ session, agent, added }) => ({
      session_id: session,
      provider: agent,
      exchanges_added: added,
    })),
    unchanged: report.unchanged,
    failed: report.failed.map(({ agent, path, reason }) => ({ provider: agent, path, reason })),
    redacted: report.redacted,
    withheld: report.withheld,
  };
}

/** One line of JSON per session or failure. */
export function captureEvents(output: Output, report: CaptureReport): void {
  const timestamp = new Date().toISOString();
  for (const { session, agent, name, added, isNew } of report.captured) {
    const action = isNew ? 'created' : 'updated';
    output.event({ timestamp, action, session_id: session, provider: agent, name, exchanges_added: added });
  }
  for (const { agent, path, reason } of report.failed) {
    output.event({ timestamp, action: 'failed', provider: agent, path, reason });
  }
}

/** Says that a copied clone became a writer of its own. */
export function mendedNote(output: Output, { old, now }: NonNullable<CaptureReport['mended']>): void {
  output.note(
    `this repository is a copy of another clone: it is the writer ${now} from now on, the other stays ${old}`,
  );
}

/** The report of a capture for people. */
export function captureLines(output: Output, report: CaptureReport): void {
  if (report.mended) mendedNote(output, report.mended);
  for (const { agent, name, added, session } of report.captured) {
    const what = added === 0 ? 'grew' : counted(added, 'new exchange');
    output.line(
      `${output.style('green', '✓')} ${output.style('bold', agent)} ${oneLine(name, 60)} ${output.style('dim', `${session.slice(0, 8)} · ${what}`)}`,
    );
  }
  if (report.captured.length === 0 && report.failed.length === 0)
    output.line(`nothing new in ${counted(report.unchanged, 'source')}`);
  const secrets = Object.values(report.redacted).reduce((sum, number) => sum + number, 0);
  if (secrets > 0) output.note(`${counted(secrets, 'secret')} replaced: ${Object.keys(report.redacted).join(', ')}`);
  if (report.withheld > 0)
    output.note(`${counted(report.withheld, 'passage')} withheld: the redactor could not finish with them`);
  for (const { agent, path, reason, hint } of report.failed) {
    output.note(`${agent}: ${path}: ${reason}${hint ? `\n  hint: ${hint}` : ''}`);
  }
}

/** What a captured run left, in a line. */
export function summary(added: number): string {
  return `specstory: ${added === 0 ? 'nothing new' : counted(added, 'exchange')} captured`;
}
