import { asArray, asObject, asText, isObject } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import { attachment } from '../attachment.ts';
import { clip } from '../content.ts';

/** Content as the model was given it: a text, a part, or a list of both. */
function pieces(content: unknown): readonly unknown[] {
  return Array.isArray(content) ? content : content === undefined || content === null ? [] : [content];
}

function textOf(piece: unknown): string {
  return typeof piece === 'string' ? piece : (asText(asObject(piece).text) ?? '');
}

/** Texts that Gemini CLI puts into a person's message: each fills a piece, or stands before or after the prompt. */
const injected = [
  /<session_context>[\s\S]*?<\/session_context>\s*/g,
  /^\s*<hook_context>[\s\S]*<\/hook_context>\s*$/g,
  /\n?--- Content from referenced files ---[\s\S]*?(?:--- End of content ---\s*|$)/g,
];

/** What the program says in the person's place when the model stopped too early. */
const goOn = /^\s*System: Please continue\.\s*$/;

/** What a person wrote, without what was added for the model; `''` when there is nothing of theirs in it. */
export function promptText(content: unknown, displayContent: unknown): string {
  const shown = pieces(displayContent).map(textOf).join('');
  const text = shown === '' ? typedText(content) : shown;
  return goOn.test(text) ? '' : text.trim();
}

function typedText(content: unknown): string {
  const texts = pieces(content).map(textOf);
  const end = texts.findIndex((text) => text.trim() === '--- Content from referenced files ---');
  const own = end < 0 ? texts : texts.slice(0, end);
  return own.map((text) => injected.reduce((rest, pattern) => rest.replace(pattern, ''), text)).join('');
}

/** The text of a message as it is, for what the program said. */
export function plainText(content: unknown): string {
  return pieces(content).map(textOf).join('');
}

/** Text and thinking of an answer; calls are recorded beside it. */
export function answerParts(content: unknown): Part[] {
  return pieces(content).flatMap((piece): Part[] => {
    const text = textOf(piece);
    if (text === '') return [];
    return [{ kind: asObject(piece).thought === true ? 'thinking' : 'text', ...clip(text) }];
  });
}

/** Images and files sent along, in a message or in the result of a tool. */
export function attachments(content: unknown): Part[] {
  return pieces(content).flatMap((piece): Part[] => {
    const { inlineData, fileData } = asObject(piece);
    const { mimeType, data, displayName, fileUri } = asObject(isObject(inlineData) ? inlineData : fileData);
    const mime = asText(mimeType);
    if (mime === undefined) return [];
    return [attachment({ name: asText(displayName) ?? asText(fileUri), mime, content: asText(data) })];
  });
}

/** Thoughts: a headline and a sentence or two each. */
export function thoughtParts(thoughts: unknown): Part[] {
  return asArray(thoughts).flatMap((thought): Part[] => {
    const { subject, description } = asObject(thought);
    const headline = asText(subject);
    const text = [headline && `**${headline}**`, asText(description)].filter(Boolean).join('\n\n');
    return text === '' ? [] : [{ kind: 'thinking', ...clip(text) }];
  });
}
