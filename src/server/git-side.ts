import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { writerTips } from '../git/writer-ref.ts';
import { createRedactor } from '../redact/redactor.ts';
import type { Access } from './access.ts';
import { afterPush } from './ingest/after-push.ts';
import { Ingest } from './ingest/ingest.ts';
import { TextCheck } from './ingest/text-check.ts';
import { type ProjectHistory, projectHistory } from './project-history.ts';
import type { ProjectIndex } from './project-index.ts';
import { pushLimits } from './receive/limits.ts';
import { Repositories } from './repositories/repositories.ts';
import { type GitServices, gitRoutes } from './routes/git.ts';
import type { IndexStore } from './store/index-store.ts';

export interface GitSideOptions {
  /** The folder with everything the server keeps. */
  readonly data: string;
  readonly access: Access;
  readonly store: IndexStore;
  /** Hears of what is not a client's fault. */
  readonly onProblem: (thrown: unknown) => void;
  /** Milliseconds that a push waits for its verdicts; 20,000 unless told. */
  readonly patience?: number;
  readonly limits?: GitServices['limits'];
}

/** The git side of a server: repositories, pushes and fetches, and the index over what was pushed. */
export interface GitSide {
  readonly routes: Hono<{ Bindings: HttpBindings }>;
  readonly repositories: Repositories;
  readonly ingest: Ingest;
  readonly index: ProjectIndex;
  readonly history: ProjectHistory;
  /** Mends what a crash left, then takes in what was pushed and not taken in. Requests may be answered meanwhile. */
  recover(): Promise<void>;
}

export function openGitSide({
  data,
  access,
  store,
  onProblem,
  patience = 20_000,
  limits = pushLimits,
}: GitSideOptions): GitSide {
  const repositories = new Repositories(data);
  const services = { repositories, store, check: new TextCheck() };
  const ingest = new Ingest(services);
  const routes = gitRoutes({
    access,
    repositories,
    limits,
    onProblem,
    landed: afterPush({ ...services, ingest, patience, onProblem }),
    fetchLimits: { idle: 120_000, wall: 1_800_000 },
    most: { fetches: 16, pushes: 8 },
  });
  return {
    routes,
    repositories,
    ingest,
    index: projectIndex(repositories, store),
    history: projectHistory({ ...services, ingest, redactor: createRedactor({ entropy: false, budgetMs: 10_000 }) }),
    recover: async () => {
      await repositories.recover();
      for (const project of repositories.keys()) await ingest.takeProject(project).catch(onProblem);
    },
  };
}

function projectIndex(repositories: Repositories, store: IndexStore): ProjectIndex {
  return {
    summary: (project) => store.summary(project),
    status: async (project) => {
      const tips = await writerTips(repositories.open(project));
      const cursors = new Map((await store.cursors(project)).map(({ writer, ingested }) => [writer, ingested]));
      const writers = [...new Set(tips.map(({ writer }) => writer))].map((writer) => {
        const of = (wanted: 'history' | 'raw') => tips.find((tip) => tip.writer === writer && tip.kind === wanted)?.oid;
        return { writer, history: of('history'), raw: of('raw'), ingested: cursors.get(writer) };
      });
      return { writers, rejected: await store.rejections(project) };
    },
  };
}
