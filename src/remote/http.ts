import { SpecstoryError } from '../core/errors.ts';

/** One request to a server. Redirects are never followed: who asks decides, and a token goes to no other origin. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Milliseconds without any sign of life; 30,000 unless told. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as it arrives. Must be read to the end or left by `discard`. Throws `RequestError` when it is cut off. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as text. Throws `unavailable` above `limit` bytes (1 MiB unless told). */
  text(limit?: number): Promise<string>;
  discard(): Promise<void>;
}

/**
 * Sends requests by git's own settings for the address: proxy, certificates, extra headers (`http.<url>.*`). Throws `unavailable`
 * where there is no answer; `RequestError.bodySent` says whether the server may have acted on it. Throws `unsupported` when the settings for
 * the address are more than ours can do.
 */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** No answer, or only a part of one. */
export class RequestError extends SpecstoryError {
  /** Whether the whole body may have reached the server, so that it may have acted on it. */
  readonly bodySent: boolean;

  constructor(message: string, options: { bodySent: boolean; hint?: string; cause?: unknown }) {
    super('unavailable', message, options);
    this.bodySent = options.bodySent;
  }
}
