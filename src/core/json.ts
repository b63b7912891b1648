import * as z from 'zod';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** Accepts a JSON object. */
export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** `value` as an object to look into, or an empty one. */
export function asObject(value: unknown): { readonly [key: string]: unknown } {
  return isObject(value) ? value : {};
}

/** Whether `value` is an object that is not an array. */
export function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` as an array to walk, or an empty one. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `value` when it is a non-empty string. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `value` when it is a finite number. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The value of a JSON text, or `undefined` when it is not JSON. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The values of a text with one JSON value per line, in one go when all are sound; a line that is not JSON is left out. */
export function parseJsonLines(text: string): unknown[] {
  const lines = text.replace(/\n+$/, '');
  const all = parseJson(`[${lines.replaceAll('\n', ',')}]`);
  if (Array.isArray(all)) return all;
  return lines
    .split('\n')
    .map(parseJson)
    .filter((value) => value !== undefined);
}
