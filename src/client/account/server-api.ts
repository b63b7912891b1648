import type * as z from 'zod';
import { reason } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { protocol, protocolHeader } from '../../protocol/address.ts';
import { answers } from '../../protocol/answers.ts';
import type { Credentials } from '../../remote/credentials.ts';
import type { Http, HttpResponse } from '../../remote/http.ts';
import { type Failure, reasonOf, transportReason } from './failure.ts';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

interface Question {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v2`. */
  readonly path: string;
  readonly body?: unknown;
  /** Milliseconds; 15,000 unless told. */
  readonly timeout?: number;
  /** Sent as it is, and never renewed: a token that is being tried. */
  readonly authorization?: string;
}

/** Asks one server by its JSON API. Nothing is thrown for what a server or a network does. */
export class ServerApi {
  private readonly http: Http;
  private readonly server: string;
  private readonly credentials: Credentials | undefined;

  /** Without credentials only what needs none can be asked. */
  constructor(http: Http, server: string, credentials?: Credentials) {
    this.http = http;
    this.server = server;
    this.credentials = credentials;
  }

  /** Asks, after a 401 once more with renewed credentials, and reads the answer by its schema. Throws only for credentials that cannot be read. */
  async ask<T>(question: Question, schema: z.ZodType<T>): Promise<Answer<T>> {
    const { origin } = new URL(this.server);
    const stored = question.authorization ? undefined : await this.credentials?.authorization(origin);
    const first = await this.send(question, question.authorization ?? stored, schema);
    if (first.ok || first.failure.reason !== 'auth_required' || !stored || !this.credentials) return first;
    const renewed = await this.renewed(this.credentials, origin, stored);
    if ('reason' in renewed) return { ok: false, failure: renewed };
    return renewed.authorization === undefined ? first : this.send(question, renewed.authorization, schema);
  }

  private async renewed(
    credentials: Credentials,
    origin: string,
    rejected: string,
  ): Promise<{ authorization: string | undefined } | Failure> {
    try {
      return { authorization: await credentials.renew(origin, rejected) };
    } catch (thrown) {
      return { reason: transportReason(thrown), text: reason(thrown) };
    }
  }

  private async send<T>(
    question: Question,
    authorization: string | undefined,
    schema: z.ZodType<T>,
  ): Promise<Answer<T>> {
    const { method, path, body, timeout = 15_000 } = question;
    const headers = {
      accept: 'application/json',
      [protocolHeader]: String(protocol),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization ? { authorization } : {}),
    };
    const url = `${this.server}/api/v2${path}`;
    try {
      const request = { method, url, headers, timeout };
      const response = await this.http.send(body === undefined ? request : { ...request, body: JSON.stringify(body) });
      return read(response, await response.text(), schema, this.server);
    } catch (thrown) {
      return { ok: false, failure: { reason: transportReason(thrown), text: reason(thrown) } };
    }
  }
}

function read<T>(response: HttpResponse, text: string, schema: z.ZodType<T>, server: string): Answer<T> {
  const said = parseJson(text);
  if (response.status >= 200 && response.status < 300) {
    const parsed = schema.safeParse(said);
    if (parsed.success) return { ok: true, value: parsed.data };
  }
  const problem = answers.problem.safeParse(said).data;
  const retryAfter = Number(response.headers['retry-after'] ?? Number.NaN);
  const words =
    problem?.detail ?? problem?.title ?? `${server} answered ${response.status}, which is not an answer of specstory`;
  const failure = {
    reason: reasonOf(response),
    text: words,
    ...(problem ? { code: problem.code } : {}),
    ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
  };
  return { ok: false, failure };
}
