import type { Annotation, Statement, Target } from '../core/annotation.ts';
import type { ExchangeId, SessionId, WriterId } from '../core/ids.ts';
import { deleteRefs } from '../git/ref-moves.ts';
import { writerTips } from '../git/writer-ref.ts';
import { Annotator, type AnnotatorServices } from './annotate/annotator.ts';
import { type Purged, type PurgeOrder, purge } from './purge/purge.ts';
import { serverIdentity } from './repositories/server-identity.ts';
import type { StoredAnnotation } from './store/index-store.ts';

/** What the APIs write into the repositories of projects. */
export interface ProjectHistory {
  /** What was said in a project and counts, in its order. */
  annotations(project: string): Promise<readonly StoredAnnotation[]>;
  /** The writers that have a session, or an exchange of it, that is not deleted; none when there is no such. */
  holders(project: string, target: Target): Promise<readonly WriterId[]>;
  /** Says something in the name of an account; a deletion names whatever is known of its target. */
  say(project: string, target: Target, statement: Statement, name: string): Promise<Annotation>;
  purge(project: string, order: PurgeOrder): Promise<Purged>;
  /** Takes everything of a project out of git and the index, for good. */
  removeProject(project: string): Promise<void>;
}

export type { Purged, PurgeOrder };

export function projectHistory(services: AnnotatorServices): ProjectHistory {
  const { store } = services;
  const annotator = new Annotator(services);
  return {
    annotations: (project) => store.annotations(project),
    holders: async (project, { session, exchange }) => {
      const rows = exchange === undefined ? await sessionRows(session) : await exchangeRows(session, exchange);
      return [...new Set(rows.map(({ writer }) => writer))];
      async function sessionRows(wanted: SessionId) {
        return (await store.sessions(project)).filter((row) => row.session === wanted);
      }
      async function exchangeRows(wanted: SessionId, id: ExchangeId) {
        return (await store.exchanges(project, wanted)).filter((row) => row.exchange === id);
      }
    },
    say: async (project, target, statement, name) => {
      const said =
        statement.kind === 'deleted'
          ? await annotator.delete(project, [target], name)
          : await annotator.say(project, [{ ...target, statement }], name);
      const [first] = said;
      if (first === undefined) throw new RangeError('one statement makes at least one annotation');
      return first;
    },
    purge: (project, order) => purge({ ...services, annotator }, project, order),
    removeProject: async (project) => {
      await services.repositories.rewriting(project, async (repository) => {
        await deleteRefs(repository, await writerTips(repository), serverIdentity);
      });
      await store.clear(project);
    },
  };
}
