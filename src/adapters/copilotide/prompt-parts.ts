import { asArray, asObject, asText, isObject } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import { attachment } from '../attachment.ts';
import { clip } from '../content.ts';
import type { PathForm } from './edits.ts';
import { placeOf } from './tool-result.ts';

type Fields = { readonly [key: string]: unknown };

/** What the person sent: the text as typed (a command when it is one) and what they attached. */
export function promptParts(request: Fields, form: PathForm): Part[] {
  const typed = typeof request.message === 'string' ? request.message : (asText(asObject(request.message).text) ?? '');
  const text: Part[] =
    typed === ''
      ? []
      : isCommand(request, typed)
        ? [{ kind: 'note', label: 'command', ...clip(typed) }]
        : [{ kind: 'text', ...clip(typed) }];
  return [
    ...text,
    ...asArray(asObject(request.variableData).variables).flatMap((value) => attached(asObject(value), form)),
  ];
}

function isCommand(request: Fields, typed: string): boolean {
  const slash = asArray(asObject(request.message).parts).some((part) => asObject(part).kind === 'slash');
  return typed.startsWith('/') && (slash || isObject(request.slashCommand));
}

/** Files, folders and images; instructions and tools that VS Code adds by itself are left out. */
function attached(variable: Fields, form: PathForm): Part[] {
  const { kind, name, value, mimeType } = variable;
  if (kind === 'image') {
    return [attachment({ name: asText(name), mime: asText(mimeType) ?? 'image/png', content: contentOf(value) })];
  }
  const path = kind === 'file' || kind === 'directory' ? placeOf(value) || asText(name) : undefined;
  return path === undefined ? [] : [attachment({ name: form(path) })];
}

/** Bytes of an image: Base64 in newer versions, before that an object with a number per byte. */
function contentOf(value: unknown): Uint8Array | string | undefined {
  if (typeof value === 'string') return value.startsWith('data:') ? value : undefined;
  const base64 = asText(asObject(value).$base64);
  if (base64 !== undefined) return base64;
  const bytes = Object.values(asObject(value));
  return bytes.length > 0 && bytes.every((byte) => typeof byte === 'number') ? Uint8Array.from(bytes) : undefined;
}
