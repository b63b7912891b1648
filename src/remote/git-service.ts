import { setTimeout as sleep } from 'node:timers/promises';
import { reason } from '../core/errors.ts';
import { type Address, protocol, protocolHeader } from '../protocol/address.ts';
import { type Advertisement, parseAdvertisement } from './advertisement.ts';
import type { Credentials } from './credentials.ts';
import { type Failure, failureOf, notOurServer, retryAfterOf } from './failure.ts';
import type { Http, HttpRequest, HttpResponse } from './http.ts';

interface ServiceOptions {
  readonly address: Address;
  readonly http: Http;
  readonly credentials: Credentials;
  readonly userAgent: string;
  readonly followRedirects: boolean;
  readonly signal: AbortSignal;
}

type Service = 'git-upload-pack' | 'git-receive-pack';

/** Seconds of `Retry-After` that are waited for, once. */
const longestWait = 5;
const longestAdvertisement = 64 << 20;
/** Milliseconds without a sign of life while the server takes in a push; receive-pack gives one every 5 seconds. */
const patience = 120_000;

/** git's smart HTTP with one project of one server: who we are, once renewed; short waits; what answers mean. */
export class GitService {
  private readonly options: ServiceOptions;
  /** Where the repository is, as far as we know: the server may have sent us on. */
  private base: string;
  private isRenewed = false;
  private hasWaited = false;
  private authorization: string | undefined;

  constructor(options: ServiceOptions) {
    this.options = options;
    this.base = options.address.git;
  }

  get url(): string {
    return this.base;
  }

  /** The value of `Authorization`, as it was last used. */
  async authorize(): Promise<string | undefined> {
    this.authorization ??= await this.options.credentials.authorization(this.options.address.origin);
    return this.authorization;
  }

  /** Asks which refs there are, to push. The token is proven here, before anything is sent. */
  async refs(): Promise<Advertisement | Failure> {
    const response = await this.discover('git-receive-pack');
    return 'outcome' in response ? response : this.read(response);
  }

  private async read(response: HttpResponse): Promise<Advertisement | Failure> {
    const type = response.headers['content-type'] ?? 'nothing';
    if (type !== 'application/x-git-receive-pack-advertisement') {
      await response.discard();
      return notOurServer(this.options.address, `it answers with ${type}`);
    }
    const bytes = await collect(response, longestAdvertisement);
    try {
      return parseAdvertisement(bytes);
    } catch (thrown) {
      return notOurServer(this.options.address, reason(thrown));
    }
  }

  /** Asks for a service and gives the answer, after redirects within the same origin. */
  async discover(service: Service): Promise<HttpResponse | Failure> {
    for (let hops = 0; hops < 5; hops++) {
      const url = `${this.base}/info/refs?service=${service}`;
      const response = await this.send({ method: 'GET', url });
      if (response.status === 200) return checked(response, this.options.address);
      const next = this.options.followRedirects ? nextBase(url, response, service) : undefined;
      if (!next) return failureOf(response, this.options.address);
      await response.discard();
      this.base = next;
    }
    return notOurServer(this.options.address, 'it sends us around in circles');
  }

  /** A push of nothing: proves that a large one would be let in, as git does before it sends one. */
  async probe(): Promise<Failure | undefined> {
    const response = await this.post('0000');
    if ('outcome' in response) return response;
    await response.discard();
    return undefined;
  }

  /** Sends a push and gives the answer, which is read by the caller. `bytesSent` is for words. */
  async post(
    body: string | Uint8Array | AsyncIterable<Uint8Array>,
    bytesSent = () => 0,
  ): Promise<HttpResponse | Failure> {
    const { address } = this.options;
    const headers = {
      'content-type': 'application/x-git-receive-pack-request',
      accept: 'application/x-git-receive-pack-result',
    };
    const url = `${this.base}/git-receive-pack`;
    const response = await this.send({ method: 'POST', url, headers, body, timeout: patience });
    if (response.status !== 200) return failureOf(response, address, bytesSent());
    return checked(response, address);
  }

  private async send(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.sendOnce(request);
    const again = typeof request.body !== 'object' || request.body instanceof Uint8Array;
    if (again && (await this.isWorthAnotherTry(response))) {
      await response.discard();
      return this.send(request);
    }
    return response;
  }

  private async sendOnce(request: HttpRequest): Promise<HttpResponse> {
    const { http, signal, userAgent } = this.options;
    const authorization = await this.authorize();
    const headers = {
      'user-agent': userAgent,
      [protocolHeader]: String(protocol),
      ...request.headers,
      ...(authorization ? { authorization } : {}),
    };
    return http.send({ ...request, headers, signal });
  }

  /** After a 401 with a new token, once; after a short wait that the server asked for, once. */
  private async isWorthAnotherTry(response: HttpResponse): Promise<boolean> {
    const { address, credentials, signal } = this.options;
    if (response.status === 401 && this.authorization !== undefined && !this.isRenewed) {
      this.isRenewed = true;
      const renewed = await credentials.renew(address.origin, this.authorization);
      if (renewed !== undefined) this.authorization = renewed;
      return renewed !== undefined;
    }
    const wait = response.status === 429 || response.status === 503 ? retryAfterOf(response) : undefined;
    if (wait === undefined || wait > longestWait || this.hasWaited) return false;
    this.hasWaited = true;
    await sleep(wait * 1000, undefined, { signal });
    return true;
  }
}

/** Servers that name a version must name ours; a plain git server names none. */
async function checked(response: HttpResponse, address: Address): Promise<HttpResponse | Failure> {
  const version = response.headers[protocolHeader.toLowerCase()];
  if (version === undefined || version === String(protocol)) return response;
  await response.discard();
  return {
    ...notOurServer(address, ''),
    reason: `the server speaks version ${JSON.stringify(version.slice(0, 20))}, we speak ${protocol}`,
  };
}

/** The address of the repository after a redirect of the discovery; nothing when it leads to another origin or elsewhere. */
function nextBase(url: string, { status, headers }: HttpResponse, service: Service): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || !headers.location || !URL.canParse(headers.location, url))
    return undefined;
  const next = new URL(headers.location, url);
  const end = `/info/refs?service=${service}`;
  if (next.origin !== new URL(url).origin || !next.href.endsWith(end) || next.username) return undefined;
  return next.href.slice(0, -end.length);
}

async function collect(response: HttpResponse, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
