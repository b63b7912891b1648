import type { GitSide } from '../git-side.ts';
import type { ProjectHistory } from '../project-history.ts';
import type { ReceivedStore } from '../store/received-store.ts';
import { ReadingSearch, type ResumeSearch } from './resume-search.ts';
import { SpecstorySessions } from './sessions.ts';

/** What SpecStory's clients send and read, over the repositories of a server. */
export interface SpecstorySide {
  readonly specstory: SpecstorySessions;
  readonly resumeSearch: ResumeSearch;
  /** The history of the git side; what was received follows what it purges and removes. */
  readonly history: ProjectHistory;
  /** Takes in what was received and not taken in, and takes away what was deleted: here, or at another server of the same database that went away. */
  catchUp(): Promise<void>;
}

export function openSpecstorySide(
  { writing, history, repositories, ingest }: Pick<GitSide, 'writing' | 'history' | 'repositories' | 'ingest'>,
  { received, ...place }: { readonly received: ReceivedStore; readonly data: string; readonly sessionBytes: number },
): SpecstorySide {
  const specstory = new SpecstorySessions({ ...writing, received, ...place });
  // Behind the answer to who said it; what fails is done at the next start.
  ingest.onSaid((project) => void specstory.removeDeleted(project).catch(() => {}));
  return {
    specstory,
    resumeSearch: new ReadingSearch(specstory),
    history: {
      ...history,
      say: async (project, target, statement, name) => {
        const said = await history.say(project, target, statement, name);
        const what = target.exchange === undefined ? 'session' : 'documents';
        if (statement.kind === 'deleted') await specstory.remove(project, target.session, what, name);
        return said;
      },
      purge: async (project, order) => {
        const purged = await history.purge(project, order);
        await received.clear(project);
        await specstory.refresh(project);
        return purged;
      },
      removeProject: async (project) => {
        await history.removeProject(project);
        await received.clear(project);
      },
    },
    catchUp: async () => {
      for (const project of await repositories.keys()) {
        await specstory.refresh(project);
        await specstory.removeDeleted(project);
      }
    },
  };
}
