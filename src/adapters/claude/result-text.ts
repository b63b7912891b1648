import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import { withoutInjected } from './said.ts';
import { isNotice } from './stored-results.ts';

/** What a tool gave back, as the model was shown it; the structured twin helps where that is empty. */
export function resultText(content: unknown, twin: unknown): string {
  const texts = typeof content === 'string' ? [content] : asArray(content).map((block) => blockText(block));
  const whole = texts.filter((piece) => piece !== '').join('\n');
  const shown = withoutInjected(whole);
  const text = shown === whole ? whole : shown.trimEnd();
  return text === '' ? twinText(twin) : text;
}

/**
 * The text of a result, or where it is only the notice of one that lies elsewhere and is gone, as much as its structured twin
 * kept. `elided` says how much was cut from the text; of a twin only bytes can be told.
 */
export function uncut(text: string, twin: unknown, elided: number | undefined): { text: string; elided?: number } {
  const cut = Number.isSafeInteger(elided) && elided !== undefined && elided > 0 ? { elided } : {};
  const { content, persistedOutputSize } = asObject(twin);
  const kept = isNotice(text) ? (asText(content) ?? twinText(twin)) : '';
  if (kept.length <= text.length) return { text, ...cut };
  const lost = Math.floor(asNumber(persistedOutputSize) ?? 0) - new TextEncoder().encode(kept).length;
  return { text: kept, ...(lost > 0 ? { elided: lost } : {}) };
}

function blockText(block: unknown): string {
  if (typeof block === 'string') return block;
  const fields = asObject(block);
  if (fields.type === 'text') return asText(fields.text) ?? '';
  if (fields.type === 'tool_reference') return asText(fields.tool_name) ?? '';
  if (fields.type === 'web_search_result') return `${asText(fields.title) ?? ''} ${asText(fields.url) ?? ''}`.trim();
  return '';
}

function twinText(twin: unknown): string {
  if (typeof twin === 'string') return twin;
  const { stdout, stderr } = asObject(twin);
  return [stdout, stderr]
    .map((stream) => asText(stream) ?? '')
    .filter(Boolean)
    .join('\n');
}
