import type { IncomingMessage } from 'node:http';
import { gunzip, type InputType } from 'node:zlib';
import * as z from 'zod';
import { Refusal } from '../refusal.ts';
import { readJson } from './json-text.ts';

/** Bytes of a body, as it is sent and unpacked, and milliseconds until all of it is there. */
const most = { sent: 1 << 20, unpacked: 1 << 20, time: 15_000 };

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
  const encoding = (incoming.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (!/^(?:identity|gzip|x-gzip)$/.test(encoding))
    throw new Refusal('unsupported_media_type', 'a body is sent as it is or with gzip, once');
  const sent = await received(incoming);
  return encoding === 'identity' ? sent : unpacked(sent);
}

async function received(incoming: IncomingMessage): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > most.sent) throw tooLarge(most.sent);
  const late = setTimeout(() => incoming.destroy(new Error('too slow')), most.time);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop early must not close the connection: an answer has yet to go out on it.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > most.sent) throw tooLarge(most.sent);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('bad_request', 'the body was cut short', { cause });
  } finally {
    clearTimeout(late);
  }
  return Buffer.concat(chunks);
}

const engineSchema = z.object({ buffer: z.instanceof(Buffer), engine: z.object({ bytesWritten: z.number() }) });

/** Unpacks no more than may be kept, whatever the body claims to be. */
function unpacked(sent: InputType & { length: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(sent, { maxOutputLength: most.unpacked, info: true }, (error, result: unknown) => {
      if (error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return reject(tooLarge(most.unpacked));
      const done = engineSchema.safeParse(result);
      if (error || !done.success || done.data.engine.bytesWritten < sent.length)
        return reject(new Refusal('bad_encoding', 'the body is not sound gzip', { cause: error }));
      resolve(done.data.buffer);
    });
  });
}

function tooLarge(limit: number): Refusal {
  return new Refusal('too_large', `the body is larger than ${limit} bytes`);
}
