import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { flushPacket, packet } from '../../src/protocol/pkt-line.ts';
import { type Verdict, verdictLine } from '../../src/protocol/verdict.ts';

/** One request as it came, in the order of arrival. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Buffer;
}

type Answer = (request: Recorded, response: ServerResponse) => boolean | Promise<boolean>;

/**
 * A small server that speaks docs/protocol.md with real git behind it, records what it is asked, and can be told to answer
 * otherwise. The real one has its own tests.
 */
export class HistoryServer {
  readonly requests: Recorded[] = [];
  /** Access tokens that are good, by account. */
  readonly tokens = new Map<string, string>();
  /** Refresh tokens that are good, and the account. */
  readonly refreshTokens = new Map<string, string>();
  /** Answers in the place of the server when it gives true. */
  instead: Answer | undefined;
  /** What is said of each session of a push. */
  verdict: (session: string) => Verdict[] = (session) => [{ session, status: 'stored', exchanges: 1 }];
  rejected: { session: string; writer: string; code: string; reason: string; at: string }[] = [];
  members = [{ name: 'ada', role: 'owner' }];
  /** Strangers may read and write its repositories, as a plain host with public ones. */
  isOpen = false;
  /** Loses the answer to a push after the refs have moved. */
  losesAnswer = false;
  private readonly folder: string;
  private readonly server = createServer((request, response) => void this.take(request, response));
  private minted = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async start(folder: string): Promise<HistoryServer> {
    const server = new HistoryServer(folder);
    mkdirSync(folder, { recursive: true });
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Requests that change something in a repository. */
  get pushes(): Recorded[] {
    return this.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/git-receive-pack'));
  }

  git(project: string, ...args: string[]): string {
    return execFileSync('git', ['-C', this.repository(project), ...args], { encoding: 'utf8' });
  }

  repository(project: string): string {
    const folder = join(this.folder, `${project}.git`);
    if (!existsSync(folder)) execFileSync('git', ['init', '-q', '--bare', folder]);
    return folder;
  }

  grant(account: string) {
    const n = ++this.minted;
    const [access_token, refresh_token] = [
      `ss_at_${account}_${n}_${'x'.repeat(20)}`,
      `ss_rt_${account}_${n}_${'x'.repeat(20)}`,
    ];
    this.tokens.set(access_token, account);
    this.refreshTokens.set(refresh_token, account);
    return { access_token, refresh_token, expires_at: new Date(Date.now() + 3_600_000).toISOString(), name: account };
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await buffer(request).catch(() => Buffer.alloc(0));
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const { authorization } = request.headers;
    const recorded = { method: request.method ?? '', path: request.url ?? '', authorization, body };
    this.requests.push(recorded);
    if (await this.instead?.(recorded, response)) return;
    const account = this.accountOf(authorization) ?? (this.isOpen ? 'anybody' : undefined);
    if (recorded.path.startsWith('/git/')) return this.serveGit(recorded, request, response, account);
    this.serveApi(recorded, response, account);
  }

  private accountOf(authorization = ''): string | undefined {
    const basic = /^Basic (.+)$/i.exec(authorization)?.[1];
    const token = basic
      ? Buffer.from(basic, 'base64').toString().split(':')[1]
      : authorization.replace(/^Bearer /i, '');
    return this.tokens.get(token ?? '');
  }

  private serveApi({ method, path, body }: Recorded, response: ServerResponse, account: string | undefined): unknown {
    const asked: Record<string, string> = body.length > 0 ? JSON.parse(body.toString()) : {};
    const json = (value: unknown, status = 200): void => send(response, status, value);
    const route = `${method} ${path.replace('/api/v2', '')}`;
    if (route === 'GET /server') return json({ name: 'specstory', version: '1', protocol: 1, limits: {} });
    if (route === 'POST /token/revoke') return json({ revoked: this.refreshTokens.delete(asked.token ?? '') });
    if (route === 'POST /token/refresh') {
      const owner = this.refreshTokens.get(asked.refresh_token ?? '');
      this.refreshTokens.delete(asked.refresh_token ?? '');
      return owner ? json(this.grant(owner)) : problem(response, 401, 'invalid_grant');
    }
    if (account === undefined) return problem(response, 401, 'auth_required');
    if (route === 'GET /whoami') {
      return json({
        account: `id-${account}`,
        name: account,
        token: { id: 't', name: 'x', scopes: ['capture:write'], expires_at: null },
      });
    }
    const [, project = '', about] = /^GET \/projects\/([^/]+)(\/status)?$/.exec(route) ?? [];
    if (project === '' || !existsSync(join(this.folder, `${project}.git`))) return problem(response, 404, 'not_found');
    if (!about) return json({ id: project, name: project, role: 'owner', members: this.members, public: false });
    return json({ writers: this.writers(project), rejected: this.rejected });
  }

  private writers(project: string) {
    const refs = this.git(project, 'for-each-ref', '--format=%(objectname) %(refname)', 'refs/specstory/writers/');
    return [...refs.matchAll(/^(\S+) refs\/specstory\/writers\/([0-9a-f]{16})\/history$/gm)].map(([, tip, writer]) => {
      return { writer, account: 'id', history: tip, raw: null, ingested: tip };
    });
  }

  private async serveGit(
    recorded: Recorded,
    request: IncomingMessage,
    response: ServerResponse,
    account: string | undefined,
  ): Promise<void> {
    const { path, body } = recorded;
    if (account === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="specstory"' }).end();
      return;
    }
    const [, project = '', rest = ''] = /^\/git\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const service = /(git-(?:upload|receive)-pack)/.exec(rest)?.[1] ?? '';
    if (service === 'git-upload-pack' && !existsSync(join(this.folder, `${project}.git`))) {
      return problem(response, 404, 'not_found');
    }
    const repository = this.repository(project);
    const isAsking = rest.startsWith('info/refs');
    const before = isAsking ? '' : this.git(project, 'for-each-ref');
    const args = [
      service.replace('git-', ''),
      '--stateless-rpc',
      ...(isAsking ? ['--advertise-refs'] : []),
      repository,
    ];
    const protocol = String(request.headers['git-protocol'] ?? '');
    const child = spawn('git', args, { env: { ...process.env, GIT_PROTOCOL: protocol } });
    child.stdin.on('error', () => {});
    child.stdin.end(body);
    const output = await buffer(child.stdout);
    if (service === 'git-receive-pack' && !isAsking && this.losesAnswer) {
      this.losesAnswer = false;
      request.socket.destroy();
      return;
    }
    const isV2 = protocol.includes('version=2') && service === 'git-upload-pack';
    const head =
      isAsking && !isV2 ? Buffer.concat([packet(`# service=${service}\n`), Buffer.from(flushPacket)]) : Buffer.alloc(0);
    const type = isAsking ? `application/x-${service}-advertisement` : `application/x-${service}-result`;
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
    const judged = service === 'git-receive-pack' && !isAsking ? this.withVerdicts(project, before, output) : output;
    response.end(Buffer.concat([head, judged]));
  }

  /** Puts verdicts on side-band 2 before the last flush. */
  private withVerdicts(project: string, before: string, output: Buffer): Buffer {
    if (!output.toString('latin1').endsWith(flushPacket)) return output;
    const old = [...before.matchAll(/^(\S+)/gm)].map(([, oid]) => `^${oid}`);
    const tips = [...this.git(project, 'for-each-ref').matchAll(/^(\S+) .*\/history$/gm)].map(([, oid]) => oid ?? '');
    if (tips.length === 0) return output;
    const names = this.git(project, 'log', '--format=', '--name-only', ...tips, ...old, '--', 'sessions');
    const sessions = new Set([...names.matchAll(/^sessions\/..\/([^/]+)\//gm)].map(([, session]) => session ?? ''));
    const lines = [...sessions].flatMap((session) => this.verdict(session)).map(verdictLine);
    const packets = lines.map((line) => packet(Buffer.concat([Buffer.from([2]), Buffer.from(line)])));
    return Buffer.concat([output.subarray(0, -4), ...packets, Buffer.from(flushPacket)]);
  }
}

export function send(response: ServerResponse, status: number, value: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value));
}

export function problem(response: ServerResponse, status: number, code: string): void {
  const challenge: Record<string, string> = status === 401 ? { 'www-authenticate': 'Basic realm="specstory"' } : {};
  response.writeHead(status, { 'content-type': 'application/problem+json', ...challenge });
  response.end(JSON.stringify({ type: 'about:blank', title: code, status, detail: `the server says ${code}`, code }));
}
