import { asObject, asText, parseJson } from '../core/json.ts';
import { oneLine, printable } from '../core/text.ts';
import type { Address } from '../protocol/address.ts';
import type { PushReport, RefReport } from '../protocol/push-report.ts';
import { type HttpResponse, RequestError } from './http.ts';

/** Why a request came to nothing. */
export interface Failure {
  readonly outcome: Exclude<PushReport['outcome'], 'ok' | 'partial'>;
  /** What it means for a ref that was to be pushed. */
  readonly refs: Exclude<RefReport['outcome'], 'ok'>;
  readonly reason: string;
  readonly hint?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** A gateway or the server lost the thread: it may have acted on a request that was sent whole. */
  readonly isLost?: boolean;
}

/** What an answer that is no success means. Reads its body. */
export async function failureOf(response: HttpResponse, address: Address, sent = 0): Promise<Failure> {
  const { status } = response;
  const says = await serverText(response);
  const text = says ? `: ${says}` : '';
  const retryAfter = retryAfterOf(response);
  const base = meaning(status, address, text, sent);
  if (base) return retryAfter === undefined ? base : { ...base, retryAfter };
  if (status >= 300 && status < 400) return redirected(response, address);
  if (status === 429 || status === 408 || status >= 500) {
    const what = status === 429 ? 'the server asks for patience' : 'the server is unavailable';
    const when = retryAfter === undefined ? '' : `; try again in ${retryAfter} s`;
    const reason = `${what}, HTTP ${status}${text}${when}`;
    const isLost = status === 500 || status === 502 || status === 504;
    return {
      outcome: 'retryable',
      refs: 'retryable',
      reason,
      isLost,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    };
  }
  return { outcome: 'rejected', refs: 'rejected', reason: `the server said HTTP ${status}${text}` };
}

function meaning(status: number, { server, project }: Address, text: string, sent: number): Failure | undefined {
  switch (status) {
    case 401:
      return {
        outcome: 'auth',
        refs: 'retryable',
        reason: `not signed in at ${server}`,
        hint: `sign in with: specstory login ${server}`,
      };
    case 403:
      return { outcome: 'denied', refs: 'rejected', reason: `no permission for ${project} at ${server}${text}` };
    case 404:
      return { outcome: 'denied', refs: 'rejected', reason: `no project ${project} for you at ${server}` };
    case 412:
      return { outcome: 'protocol', refs: 'retryable', reason: `the server speaks another version${text}` };
    case 413:
      return {
        outcome: 'rejected',
        refs: 'rejected',
        reason: `the server takes no push of this size${size(sent)}${text}`,
      };
    default:
      return undefined;
  }
}

function redirected(response: HttpResponse, { server }: Address): Failure {
  const location = response.headers.location ?? '';
  const target = URL.canParse(location, server) ? new URL(location, server) : undefined;
  const where = target ? oneLine(printable(target.origin), 200) : 'nowhere';
  return {
    outcome: 'protocol',
    refs: 'retryable',
    reason: `the server sends us on to ${where}, where we do not follow`,
    hint: 'if you trust that address, make it the address of the remote: git remote set-url',
  };
}

/** What it means that something answers which is no server of ours (a captive portal, a proxy). */
export function notOurServer({ server }: Address, why: string): Failure {
  return {
    outcome: 'protocol',
    refs: 'retryable',
    reason: `what answers at ${server} is not a specstory server: ${why}`,
  };
}

/** What an error on the way means; `changes` when the request was to change something. */
export function failureOfError(thrown: unknown, changes: boolean): Failure | undefined {
  if (!(thrown instanceof RequestError)) return undefined;
  const hint = thrown.hint ? { hint: thrown.hint } : {};
  if (!changes || !thrown.bodySent)
    return { outcome: 'unreachable', refs: 'retryable', reason: thrown.message, ...hint };
  const reason = `${thrown.message}, after everything was sent; the next push will tell`;
  return { outcome: 'unknown', refs: 'unknown', reason, ...hint };
}

/** Seconds of `Retry-After`, which is a number or a date. */
export function retryAfterOf({ headers }: HttpResponse): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** What the server says in words: of problem details (RFC 9457) or plain text. Pages for browsers say nothing to us. */
async function serverText(response: HttpResponse): Promise<string> {
  const type = response.headers['content-type'] ?? '';
  if (!/^(?:text\/plain|application\/(?:problem\+)?json)\b/i.test(type)) {
    await response.discard();
    return '';
  }
  const text = await response.text(64 << 10).catch(() => '');
  const problem = asObject(parseJson(text));
  return oneLine(printable(asText(problem.detail) ?? asText(problem.title) ?? text), 300);
}

function size(bytes: number): string {
  return bytes === 0 ? '' : ` (${(bytes / 1e6).toFixed(1)} MB)`;
}
