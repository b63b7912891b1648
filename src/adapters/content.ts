import { asArray, isObject, type Json, type JsonObject } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { storable } from '../core/text.ts';

/** A text as it may be kept: storable, and cut at the limit of one part with the number of characters cut. */
export function clip(text: string, limit: number = limits.part): { text: string; elided?: number } {
  if (text.length <= limit) return { text: storable(text) };
  return { text: storable(text.slice(0, limit)), elided: text.length - limit };
}

/** Arguments of a tool as they may be kept: an object of storable, bounded JSON. What is not an object goes under `value`. */
export function toolInput(value: unknown): JsonObject {
  const kept = keep(value, 0);
  return isPlain(kept) ? kept : kept === null ? {} : { value: kept };
}

function keep(value: unknown, depth: number): Json {
  if (typeof value === 'string') return clipped(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === 'boolean') return value;
  if (depth >= limits.depth) return value === null || value === undefined ? null : '[nested too deeply]';
  if (Array.isArray(value)) return asArray(value).map((item) => keep(item, depth + 1));
  if (!isObject(value)) return null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), keep(item, depth + 1)]));
}

function clipped(value: string): string {
  const { text, elided } = clip(value);
  return elided === undefined ? text : `${text}… [${elided} characters cut]`;
}

function isPlain(value: Json): value is JsonObject {
  return isObject(value);
}
