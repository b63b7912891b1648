import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { Body, type BodyLimits, BodyProblem } from '../body.ts';
import { Refusal } from '../refusal.ts';
import { readJson } from './json-text.ts';

/** What a body may be that is no push. */
const most: BodyLimits = { bytes: 1 << 20, idle: 15_000, wall: 15_000 };

/** A JSON body that fits a schema. Throws the refusal that says what is wrong with it, and where. */
export async function jsonBody<T>(incoming: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  requireType(incoming, 'application/json');
  const result = schema.safeParse(readJson(await bodyOf(incoming)));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.join('.') || 'the body';
  throw new Refusal('bad_request', `${where}: ${issue?.message ?? 'wrong value'}`);
}

/** The fields of a form. A field that is there twice counts once, by its first value. */
export async function formBody(incoming: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  requireType(incoming, 'application/x-www-form-urlencoded');
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams((await bodyOf(incoming)).toString('utf8')))
    if (!fields.has(name)) fields.set(name, value);
  return fields;
}

/** Reads what has to be empty. */
export async function noBody(incoming: IncomingMessage): Promise<void> {
  await bodyOf(incoming);
}

/** Throws `unsupported_media_type` for a body of another kind. */
export function requireType(incoming: IncomingMessage, type: string): void {
  const [given = '', ...parameters] = (incoming.headers['content-type'] ?? '').toLowerCase().split(';');
  const plain = parameters.every((parameter) => /^\s*charset="?utf-8"?\s*$/.test(parameter));
  if (given.trim() !== type || !plain)
    throw new Refusal('unsupported_media_type', `this takes ${type}, in UTF-8`, { hint: `send Content-Type: ${type}` });
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > most.bytes) throw tooLarge();
  try {
    return await new Body(incoming, most).whole();
  } catch (thrown) {
    throw thrown instanceof BodyProblem ? refusalOf(thrown) : thrown;
  }
}

function refusalOf(problem: BodyProblem): Refusal {
  const { status, message, isBadlyEncoded } = problem;
  if (status === 413) return tooLarge();
  const code = status === 415 ? 'unsupported_media_type' : isBadlyEncoded ? 'bad_encoding' : 'bad_request';
  return new Refusal(code, message, { cause: problem });
}

function tooLarge(): Refusal {
  return new Refusal('too_large', `the body is larger than ${most.bytes} bytes`);
}
