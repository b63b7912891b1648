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
  /** The body as it arrives. Must be read to the end or left by `discard`. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as text. Throws `unavailable` above `limit` bytes (1 MiB unless told). */
  text(limit?: number): Promise<string>;
  discard(): Promise<void>;
}

/**
 * Sends requests by git's own settings for the address: proxy, certificates, extra headers (`http.<url>.*`). Throws `unavailable`
 * where there is no answer; `RequestError.bodySent` says whether the server may have acted on it.
 */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}
