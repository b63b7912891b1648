import { asArray, asObject, asText, isObject } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import { attachment } from '../attachment.ts';
import { clip } from '../content.ts';
import type { Fields } from './rollout-record.ts';

/** Beginnings of user messages that Codex wrote itself and did not put in a tag. */
const writtenByCodex = [
  '# AGENTS.md instructions',
  'Another language model started to solve this problem',
  'Warning: The maximum number of unified exec processes',
  'Warning: apply_patch was requested via ',
  'Warning: Your account was flagged',
];

/** Whether a user message, or one part of it, is context that Codex put there. A tag of a person's own seldom has `_`. */
function isInjected(text: string): boolean {
  const trimmed = text.trim();
  if (writtenByCodex.some((start) => trimmed.startsWith(start))) return true;
  const tag = /^<([a-z]+(?:_[a-z0-9]+)+|skill|warning|permissions instructions)[\s>]/i.exec(trimmed)?.[1];
  return tag !== undefined && trimmed.toLowerCase().endsWith(`</${tag.toLowerCase()}>`);
}

/** Versions of fall 2025 announced what they injected as messages of the user, too. */
const injectedKinds = new Set(['environment_context', 'user_instructions']);

/** Wrappers of the editors around a prompt, and what separates them from it. */
const wrapper = /^\s*# (?:Context from my IDE setup|Files mentioned by the user):/;
const marker = /^## My request for Codex:[ \t]*\n?/m;
const mentioned = /^## .*: ((?:\/|[A-Za-z]:\\|~).*)$/gm;

/** A prompt without the context an editor put around it; files the person attached come as attachments. */
function request(text: string): Part[] {
  const match = wrapper.test(text) ? marker.exec(text) : null;
  if (match === null) return textParts(text);
  const context = text.slice(0, match.index);
  const files = context.trimStart().startsWith('# Files mentioned') ? [...context.matchAll(mentioned)] : [];
  return [...textParts(text.slice(match.index + match[0].length)), ...files.map(([, path]) => fileNamed(path ?? ''))];
}

/** The prompt in a `user_message` event; none when it is not a person's. */
export function eventPrompt(payload: Fields): Part[] {
  const text = asText(payload.message) ?? '';
  if (typeof payload.kind === 'string' && injectedKinds.has(payload.kind)) return [];
  if (/^\s*<(?:environment_context|user_instructions)>/.test(text) && isInjected(text)) return [];
  const images = asArray(payload.images).map((image) => imageAt(asText(image) ?? ''));
  const files = asArray(payload.local_images).map((path) => fileNamed(asText(path) ?? ''));
  return [...request(text), ...images, ...files];
}

/** The prompt in an `item_completed` of the type UserMessage. */
export function itemPrompt(item: Fields): Part[] {
  const parts = asArray(item.content).filter(isObject);
  const text = parts.map((part) => (part.type === 'text' ? (asText(part.text) ?? '') : '')).join('');
  const files = parts.flatMap((part) => {
    if (part.type === 'image') return [imageAt(asText(part.image_url) ?? '')];
    return part.type === 'local_image' || part.type === 'localImage' ? [fileNamed(asText(part.path) ?? '')] : [];
  });
  return [...request(text), ...files];
}

/** What a person wrote in a user message of the model's log: without what Codex injected and its tags around images. */
export function messagePrompt(content: unknown): Part[] {
  return contentParts(content)
    .filter((part) => part.kind !== 'text' || !(isInjected(part.text) || /^\s*<\/?image\b[^<]*>\s*$/.test(part.text)))
    .flatMap((part) => (part.kind === 'text' ? request(part.text) : [part]));
}

/** The `!command` of a person in a `<user_shell_command>`, and what came of it. */
export function shellCommandOf(content: unknown): { command: string; output: string } | undefined {
  const text =
    contentParts(content)
      .find((part) => part.kind === 'text')
      ?.text.trim() ?? '';
  if (!text.startsWith('<user_shell_command>')) return undefined;
  const command = /<command>\n?([\s\S]*?)\n?<\/command>/.exec(text)?.[1];
  const output = /<result>\n?([\s\S]*?)\n?<\/result>\s*<\/user_shell_command>$/.exec(text)?.[1];
  return command === undefined ? undefined : { command, output: output ?? '' };
}

/** The content of a message, in any generation's form: text, or a list of texts and images. */
export function contentParts(content: unknown): Part[] {
  if (typeof content === 'string') return textParts(content);
  return asArray(content).flatMap((each) => {
    const part = asObject(each);
    const text = asText(part.text) ?? asText(part.refusal);
    if (text !== undefined) return textParts(text);
    const url = asText(part.image_url);
    return url === undefined ? [] : [imageAt(url)];
  });
}

/** The texts of a content, without its images. */
export function contentText(content: unknown): string {
  return contentParts(content)
    .flatMap((part) => (part.kind === 'text' ? [part.text] : []))
    .join('\n');
}

function textParts(text: string): Part[] {
  return text.trim() === '' ? [] : [{ kind: 'text', ...clip(text) }];
}

function imageAt(url: string): Part {
  const data = /^data:([^;,]*)[;,]/.exec(url);
  return data ? attachment({ mime: data[1], content: url }) : attachment({ name: url.slice(0, 1000) });
}

function fileNamed(path: string): Part {
  return attachment({ name: path.split(/[\\/]/).at(-1) });
}
