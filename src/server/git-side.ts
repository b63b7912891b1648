import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { createRedactor } from '../redact/redactor.ts';
import type { Access } from './access.ts';
import { afterPush } from './ingest/after-push.ts';
import { Ingest } from './ingest/ingest.ts';
import { Reading } from './ingest/reading/reading.ts';
import { type ProjectHistory, projectHistory } from './project-history.ts';
import type { ProjectIndex } from './project-index.ts';
import { pushLimits } from './receive/limits.ts';
import type { Repositories } from './repositories/repositories.ts';
import { type GitServices, gitRoutes } from './routes/git.ts';
import type { SpecstoryServices } from './specstory/sessions.ts';
import type { IndexStore } from './store/index-store.ts';

export interface GitSideOptions {
  readonly repositories: Repositories;
  readonly access: Access;
  readonly store: IndexStore;
  /** Hears of what is not a client's fault. */
  readonly onProblem: (thrown: unknown) => void;
  /** Milliseconds that a push waits for its verdicts; 20,000 unless told. */
  readonly patience?: number;
  readonly limits?: GitServices['limits'];
  /** Reads what was pushed. */
  readonly reading?: Reading;
}

/** The git side of a server: repositories, pushes and fetches, and the index over what was pushed. */
export interface GitSide {
  readonly routes: Hono<{ Bindings: HttpBindings }>;
  readonly repositories: Repositories;
  readonly ingest: Ingest;
  readonly index: ProjectIndex;
  readonly history: ProjectHistory;
  /** What sessions that come through an API are written with. */
  readonly writing: Omit<SpecstoryServices, 'received' | 'data' | 'sessionBytes'>;
  /** Mends what a crash left, then takes in what was pushed and not taken in. Requests may be answered meanwhile. */
  recover(): Promise<void>;
  /** Takes in what was pushed and not taken in: here, or at another server of the same database that went away. */
  catchUp(): Promise<void>;
}

export function openGitSide({
  repositories,
  access,
  store,
  onProblem,
  patience = 20_000,
  limits = pushLimits,
  reading = new Reading(),
}: GitSideOptions): GitSide {
  const services = { repositories, store, reading };
  const ingest = new Ingest(services);
  const routes = gitRoutes({
    access,
    repositories,
    limits,
    onProblem,
    landed: afterPush({ ...services, ingest, patience, onProblem }),
    fetchLimits: { idle: 120_000, wall: 1_800_000 },
    most: { fetches: 16, pushes: 8, patience: 15_000 },
  });
  const catchUp = async (): Promise<void> => {
    await repositories.refresh();
    for (const project of await repositories.keys()) await ingest.takeProject(project).catch(onProblem);
  };
  const writing = {
    ...services,
    ingest,
    check: reading.check,
    redactor: createRedactor({ entropy: false, budgetMs: 10_000 }),
  };
  return {
    routes,
    repositories,
    ingest,
    index: projectIndex({ repositories, store, ingest }),
    history: projectHistory(writing),
    writing,
    recover: async () => {
      await repositories.recover();
      await catchUp();
    },
    catchUp,
  };
}

function projectIndex({
  repositories,
  store,
  ingest,
}: Pick<GitSideOptions, 'repositories' | 'store'> & { ingest: Ingest }): ProjectIndex {
  return {
    reindex: (project, hear) => ingest.reindex(project, hear),
    summary: (project) => store.summary(project),
    status: async (project) => {
      const tips = await repositories.tips(project);
      const cursors = new Map((await store.cursors(project)).map(({ writer, ingested }) => [writer, ingested]));
      const writers = [...new Set(tips.map(({ writer }) => writer))].map((writer) => {
        const of = (wanted: 'history' | 'raw') => tips.find((tip) => tip.writer === writer && tip.kind === wanted)?.oid;
        return { writer, history: of('history'), raw: of('raw'), ingested: cursors.get(writer) };
      });
      return { writers, rejected: await store.rejections(project) };
    },
  };
}
