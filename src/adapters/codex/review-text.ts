import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import type { Fields } from './rollout-record.ts';

/** What `/review` was asked for, in the words of the `entered_review_mode` event. */
export function reviewRequest(payload: Fields): string {
  const target = asObject(payload.target);
  const hint = asText(payload.user_facing_hint) ?? asText(payload.prompt) ?? asText(target.instructions);
  return ['/review', hint ?? asText(target.branch) ?? asText(target.sha) ?? ''].join(' ').trim();
}

/** The findings of a review as text; empty when there are none. */
export function reviewText(output: unknown): string {
  const { overall_explanation: explanation, findings } = asObject(output);
  return [asText(explanation) ?? '', ...asArray(findings).map(finding)].filter(Boolean).join('\n\n');
}

function finding(value: unknown): string {
  const { title, body, code_location: location } = asObject(value);
  const { absolute_file_path: path, line_range: range } = asObject(location);
  const { start, end } = asObject(range);
  const lines = [asNumber(start), asNumber(end)].filter((line) => line !== undefined).join('-');
  const place = [asText(path), lines].filter(Boolean).join(':');
  return [[asText(title), place].filter(Boolean).join(' — '), asText(body)].filter(Boolean).join('\n');
}
