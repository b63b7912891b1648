import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { SearchReader } from '../search/search-index.ts';
import type { AccountAccess } from './accounts/access.ts';
import type { Limiter } from './accounts/rate-limit.ts';
import type { Registry } from './accounts/registry.ts';
import type { Trusted } from './middleware/client-address.ts';
import type { Metrics } from './middleware/metrics.ts';
import type { ProjectHistory } from './project-history.ts';
import type { ProjectIndex } from './project-index.ts';
import type { ResumeSearch } from './specstory/resume-search.ts';
import type { SpecstorySessions } from './specstory/sessions.ts';

/** Lines for whoever runs the server: never content, tokens, or names that people gave. */
export interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How the server is reached. */
export interface Site {
  /** Scheme, host and port that people use; unless it is set, what the request says. */
  readonly origin: string | undefined;
  /** What stands before every path in a link: empty, or like `/history`. */
  readonly base: string;
}

/** What the routes work with. */
export interface Services {
  readonly version: string;
  readonly site: Site;
  readonly registry: Registry;
  readonly access: AccountAccess;
  readonly limiter: Limiter;
  readonly trusted: Trusted;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits: { readonly pushBytes: number; readonly blobBytes: number };
  /** Whether requests are to be sent here. */
  isReady(): Promise<boolean>;
  /** What ingest knows about projects, where there is ingest. */
  readonly index?: ProjectIndex | undefined;
  /** What is written into the repositories of projects, where there are repositories. */
  readonly history?: ProjectHistory | undefined;
  /** What SpecStory's clients send and read, where there are repositories. */
  readonly specstory?: SpecstorySessions | undefined;
  readonly resumeSearch?: ResumeSearch | undefined;
  /** Searches what was pushed and received, where there is ingest. */
  readonly search?: SearchReader | undefined;
  /** Git over HTTP, mounted at `/git`. */
  readonly git?: Hono<{ Bindings: HttpBindings }> | undefined;
}

/** What every handler gets from hono: Node's request, and what the outer layers found out about it. */
export interface ServerEnv {
  Bindings: HttpBindings;
  Variables: { requestId: string; address: string };
}

export type ServerContext = Context<ServerEnv>;
