import { asArray, asObject, asText, isObject } from '../../core/json.ts';
import { markdown, placeOf } from './tool-result.ts';

type Fields = { readonly [key: string]: unknown };

/** One thing in a response, in order. */
export type Step =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'thinking'; readonly text: string; readonly id: string | undefined }
  | { readonly kind: 'invocation'; readonly part: Fields }
  | { readonly kind: 'group'; readonly part: Fields }
  | { readonly kind: 'files'; readonly part: Fields }
  | { readonly kind: 'unknown'; readonly type: string };

/** Parts that show progress or offer buttons, and say nothing of the conversation. */
const silent = new Set([
  ...['prepareToolInvocation', 'undoStop', 'codeblockUri', 'progressMessage', 'progressTask', 'progressTaskSerialized'],
  ...['mcpServersStarting', 'mcpServersStartingSlow', 'command', 'treeData', 'extensions', 'hook', 'multiDiffData'],
  ...['confirmation', 'elicitation', 'elicitation2', 'elicitationSerialized', 'questionCarousel', 'pullRequest'],
  ...['clearToPreviousToolInvocation', 'disabledClaudeHooks', 'references', 'reference', 'move', 'codeCitation'],
  ...['externalEdit', 'planReview', 'toolInvocation'],
]);

const groups = new Set(['textEditGroup', 'notebookEditGroup']);
/** What an empty fence stands next to. */
const edited = new Set<unknown>([...groups, 'codeblockUri']);
const notices = new Set(['warning', 'info', 'systemNotification']);

/**
 * A response as steps. Text comes in pieces with file names between them, which belong together without a
 * separator; the empty fences around an edit stand for the edit and are dropped.
 */
export function stepsOf(response: unknown): Step[] {
  const parts = asArray(response).map((part) => (typeof part === 'string' ? { value: part } : asObject(part)));
  const steps: Step[] = [];
  for (const [index, part] of parts.entries()) {
    const step = isFence(part) && besideEdit(parts, index) ? undefined : stepOf(part);
    if (step === undefined) continue;
    const joined = join(steps.at(-1), step);
    if (joined === undefined) steps.push(step);
    else steps[steps.length - 1] = joined;
  }
  return steps;
}

function join(last: Step | undefined, step: Step): Step | undefined {
  if (last?.kind === 'text' && step.kind === 'text') return { ...last, text: last.text + step.text };
  const thought = last?.kind === 'thinking' && step.kind === 'thinking' && last.id === step.id;
  return thought ? { ...last, text: last.text + step.text } : undefined;
}

function stepOf(part: Fields): Step | undefined {
  const kind = asText(part.kind) ?? 'markdownContent';
  if (silent.has(kind)) return undefined;
  if (kind === 'toolInvocationSerialized') return { kind: 'invocation', part };
  if (groups.has(kind)) return { kind: 'group', part };
  if (kind === 'workspaceEdit') return { kind: 'files', part };
  if (kind === 'thinking') return thinkingOf(part);
  const text = textOf(kind, part);
  if (text === undefined) return { kind: 'unknown', type: `response: ${kind}` };
  return text === '' ? undefined : { kind: notices.has(kind) ? 'notice' : 'text', text };
}

function textOf(kind: string, part: Fields): string | undefined {
  if (kind === 'inlineReference') return referenceOf(part);
  const known = kind === 'markdownContent' || kind === 'markdownVuln' || notices.has(kind);
  return known ? markdown(part.content) || markdown(part) : undefined;
}

/** The end of a thought comes as an empty piece. */
function thinkingOf(part: Fields): Step | undefined {
  const text =
    asText(part.value) ??
    asArray(part.value)
      .filter((piece) => typeof piece === 'string')
      .join('');
  const done = asObject(part.metadata).vscodeReasoningDone === true;
  return text === '' && done ? undefined : { kind: 'thinking', text, id: asText(part.id) };
}

/** What the model wrote as `name` and VS Code made a link of. */
function referenceOf({ inlineReference, name }: Fields): string {
  const place = asObject(inlineReference);
  const label = asText(name) ?? asText(place.name) ?? placeOf(inlineReference).split(/[\\/]/).at(-1);
  return label ? `\`${label}\`` : '';
}

function isFence(part: Fields): boolean {
  return !part.kind && /^\s*`{3,}\s*$/.test(markdown(part));
}

function besideEdit(parts: readonly Fields[], index: number): boolean {
  const telling = (part: Fields) => part.kind !== 'undoStop';
  const neighbours = [parts.slice(0, index).findLast(telling), parts.slice(index + 1).find(telling)];
  return neighbours.some((part) => isObject(part) && edited.has(part.kind));
}
