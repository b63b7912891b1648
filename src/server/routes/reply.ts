import { SpecstoryError } from '../../core/errors.ts';
import { BodyProblem } from '../body.ts';

const fresh = { 'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate' };

/** An answer of git's smart HTTP; `type` is what comes behind `application/x-`. */
export function reply(type: string, body: ReadableStream<Uint8Array> | Uint8Array | null): Response {
  return new Response(body && !(body instanceof ReadableStream) ? Buffer.from(body) : body, {
    headers: { 'Content-Type': `application/x-${type}`, ...fresh },
  });
}

/** An answer to people: git shows lines of plain text. */
export function say(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...fresh, ...headers },
  });
}

/** The answer to a request that failed. What is ours is told to those who run the server, and not to the client. */
export function problem(thrown: unknown, onProblem: (thrown: unknown) => void): Response {
  if (thrown instanceof BodyProblem) return say(thrown.status, thrown.message, { Connection: 'close' });
  onProblem(thrown);
  const isBusy = thrown instanceof SpecstoryError && thrown.kind === 'unavailable';
  return isBusy ? say(503, 'the server cannot do this now', { 'Retry-After': '30' }) : say(500, 'the server failed');
}
