import type { ProjectName, Reindexed } from '../../protocol/administration.ts';
import { Refusal } from '../refusal.ts';
import type { AccountStore } from '../store/account-store.ts';

export interface ReindexServices {
  readonly projects: AccountStore['projects'];
  /** Makes the rows of one project anew and hears of each item; gives how many were rejected. */
  make(project: string, hear: () => void): Promise<number>;
}

/** Milliseconds between two words about one project. */
const breath = 250;

/** Makes the index of one project or of all anew, one after the other, and tells how far it is. Throws `not-found` for a project that is not there. */
export async function reindex(
  services: ReindexServices,
  project: ProjectName | undefined,
  hear: (event: Reindexed) => void,
): Promise<void> {
  const projects = await chosenProjects(services.projects, project);
  for (const [at, { key, ownerName, id }] of projects.entries()) {
    const about = { project: `${ownerName}/${id}`, number: at + 1, of: projects.length };
    let items = 0;
    let last = performance.now();
    const rejected = await services.make(key, () => {
      items++;
      if (performance.now() - last < breath) return;
      last = performance.now();
      hear({ ...about, items });
    });
    hear({ ...about, items, rejected });
  }
}

/** The projects that are meant: one, or all. Throws `not-found`. */
export async function chosenProjects(projects: ReindexServices['projects'], wanted: ProjectName | undefined) {
  const all = await projects.all();
  if (!wanted) return all;
  const owner = wanted.owner.toLowerCase();
  const found = all.filter(({ ownerName, id }) => ownerName.toLowerCase() === owner && id === wanted.id);
  if (found.length === 0) throw new Refusal('not_found', 'there is no such project');
  return found;
}
