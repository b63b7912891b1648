import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { SpecstoryError } from '../../core/errors.ts';
import { errorPage } from '../pages/error.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import type { ServerContext, Services } from '../services.ts';

/** The one place where errors become HTTP. */
const answers: Readonly<Record<RefusalCode | 'internal', readonly [ContentfulStatusCode, title: string]>> = {
  bad_request: [400, 'The request cannot be understood'],
  bad_encoding: [400, 'The body cannot be unpacked'],
  unsupported_media_type: [415, 'The body is of a kind that is not taken'],
  too_large: [413, 'The body is too large'],
  unauthorized: [401, 'Sign in first'],
  invalid_grant: [401, 'The sign-in is no longer valid'],
  insufficient_scope: [403, 'The token may not be used for this'],
  insufficient_role: [403, 'Your role does not allow this'],
  cross_site: [403, 'The request came from another site'],
  not_found: [404, 'There is nothing here'],
  conflict: [409, 'It is in the way of something that exists'],
  protocol_mismatch: [412, 'Client and server do not speak the same version'],
  rate_limited: [429, 'Too many requests'],
  authorization_pending: [400, 'Not decided yet'],
  slow_down: [400, 'Asked too soon'],
  expired_token: [400, 'The code is of no use any more'],
  access_denied: [400, 'The request was denied'],
  not_implemented: [501, 'This server does not do this'],
  unavailable: [503, 'Not available at the moment'],
  internal: [500, 'Something went wrong here'],
};

/** The status that a refusal is answered with. */
export function refusalStatus(code: RefusalCode): number {
  return answers[code][0];
}

interface Fault {
  readonly code: RefusalCode | 'internal';
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly retryAfter?: number | undefined;
}

/**
 * The answer to a request that failed, in the form its surface speaks: problem+json (RFC 9457), `{error}` as SpecStory's command line
 * reads it, plain text for git, a page for people. What was not meant for the client is logged instead.
 */
export function errorResponse(
  context: ServerContext,
  services: Services,
  thrown: unknown,
): Response | Promise<Response> {
  const fault = faultOf(thrown);
  const [status, title] = answers[fault.code];
  if (status >= 500 && status !== 501)
    services.log.error({ id: context.get('requestId'), err: thrown }, 'a request failed');
  if (fault.retryAfter !== undefined) context.header('Retry-After', String(fault.retryAfter));
  // The rest of a body that was refused is not read.
  if (status === 413) context.header('Connection', 'close');
  return shaped(context, services, { ...fault, status, title });
}

/** What is said of a failure in an answer that began well. */
export function problemOf({ log }: Pick<Services, 'log'>, thrown: unknown): object {
  const { code, detail, hint } = faultOf(thrown);
  const [status, title] = answers[code];
  if (status >= 500) log.error({ err: thrown }, 'a request failed');
  return problem({ status, title, code, detail, hint });
}

function problem({ title, status, detail, code, hint }: Fault & { status: number; title: string }): object {
  return { type: 'about:blank', title, status, detail, code, ...(hint === undefined ? {} : { hint }) };
}

function shaped(
  context: ServerContext,
  { site }: Services,
  { status, title, code, detail, hint }: Fault & { status: ContentfulStatusCode; title: string },
): Response | Promise<Response> {
  const path = context.req.path;
  if (/\/api\/v1\/device-[a-z]+$/.test(path)) return context.json({ error: detail }, status);
  if (/\/api\/v1(?:\/|$)/.test(path)) {
    // SpecStory's clients read `error` as a text, and fail on anything else.
    const error = code === 'unauthorized' ? 'Invalid session token' : detail;
    return context.json({ success: false, error }, status);
  }
  if (path.includes('/git/')) return context.text(`${detail}\n`, status);
  if (/\/(?:api|healthz|readyz|metrics)(?:\/|$)/.test(path)) {
    if (status === 401) context.header('WWW-Authenticate', 'Bearer realm="specstory"');
    const body = JSON.stringify(problem({ title, status, detail, code, hint }));
    return context.body(body, status, { 'Content-Type': 'application/problem+json' });
  }
  return context.html(errorPage(site, { title, detail, hint }), status);
}

/** What the client may know: a refusal says it itself, a wrong request is explained, and of everything else only the kind is told. */
function faultOf(thrown: unknown): Fault {
  if (thrown instanceof Refusal) {
    const { code, message: detail, hint, retryAfter } = thrown;
    return { code, detail, hint, retryAfter };
  }
  const kind = thrown instanceof SpecstoryError ? thrown.kind : 'bug';
  if (thrown instanceof SpecstoryError && kind === 'usage')
    return { code: 'bad_request', detail: thrown.message, hint: thrown.hint };
  if (kind === 'unavailable') return { code: 'unavailable', detail: 'try again in a moment', retryAfter: 5 };
  return { code: 'internal', detail: 'the server could not do this; its log says why' };
}
