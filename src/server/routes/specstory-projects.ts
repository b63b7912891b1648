import * as z from 'zod';
import { oneLine, printable } from '../../core/text.ts';
import { jsonBody } from '../middleware/body.ts';
import { isResumable, type WireProject, wireProject, wireSession } from '../specstory/wire.ts';
import type { Membership } from '../store/account-store.ts';
import type { SpecstoryRoute, SpecstoryServices } from './specstory.ts';

/** SpecStory's own words for how a project is shown. */
const icons = [
  ...['Code2', 'Terminal', 'Bot', 'Brain', 'Sparkles', 'Database', 'GitBranch', 'Bug', 'FolderKanban', 'Folder'],
  ...['Files', 'Library', 'BookOpen', 'Briefcase', 'Package', 'Layers', 'AppWindow', 'Rocket', 'Palette', 'Paintbrush'],
  ...['PenTool', 'Lightbulb', 'BarChart3', 'Settings', 'Globe'],
] as const;
const colors = [...['rose', 'pink', 'orange', 'amber', 'emerald', 'cyan', 'blue', 'purple', 'slate', 'gray']] as const;

/** What it does not know is passed over, as SpecStory's own server does. */
const changeSchema = z.object({
  name: z
    .string()
    .transform((text) => oneLine(printable(text), 200))
    .pipe(z.string().min(1))
    .optional(),
  icon: z.enum(icons).optional(),
  color: z.enum(colors).optional(),
});

export const specstoryProjects: readonly SpecstoryRoute[] = [
  {
    method: 'GET',
    path: '/projects',
    scope: 'sessions:read',
    answer: async (services, { caller, query }) => {
      const own = await namedProjects(services, caller.account);
      if (query('resumable') === 'true') return { data: { projects: await resumable(services, own) } };
      const projects = own.map((row) => ({
        ...wireProject(row, row),
        ownerId: row.owner,
        createdAt: instantOf(row.created),
        updatedAt: instantOf(row.updated ?? row.created),
      }));
      return { data: { projects, total: projects.length } };
    },
  },
  {
    method: 'PATCH',
    path: '/projects/:project',
    scope: 'share:write',
    role: 'owner',
    answer: async ({ registry }, { project, context }) => {
      const change = await jsonBody(context.env.incoming, changeSchema);
      const changed = await registry.store.projects.change(project.key, change, registry.now());
      const updatedAt = instantOf(changed?.updated ?? registry.now());
      return { data: { ...wireProject(changed ?? project, changed), updatedAt } };
    },
  },
  {
    method: 'DELETE',
    path: '/projects/:project',
    scope: 'capture:write',
    role: 'owner',
    answer: async ({ registry, history, log }, { project, caller }) => {
      const row = await registry.store.projects.get(project.key);
      await history?.removeProject(project.key);
      await registry.store.projects.remove(project.key);
      log.info({ account: caller.account, project: project.key }, 'a project was deleted');
      return { data: { deletedProject: wireProject(project, row), deletedAt: instantOf(registry.now()) } };
    },
  },
];

const instantOf = (time: number): string => new Date(time).toISOString();

/** The projects of an account by what their ids name for it. */
export async function namedProjects(
  { registry }: Pick<SpecstoryServices, 'registry'>,
  account: string,
): Promise<Membership[]> {
  const rows = await registry.store.projects.list(account);
  const counts = new Map<string, number>();
  for (const { id } of rows) counts.set(id, (counts.get(id) ?? 0) + 1);
  const meant = await Promise.all(
    rows.map(async (row) => {
      const found = counts.get(row.id) === 1 ? row : await registry.store.projects.find(account, row.id);
      return found?.key === row.key ? [row] : [];
    }),
  );
  return meant.flat();
}

/** Projects with the sessions that can be continued; those without any are left out. */
async function resumable(services: SpecstoryServices, rows: readonly Membership[]): Promise<object[]> {
  const projects: (WireProject & { lastUpdated: string; sessionCount: number; sessions: object[] })[] = [];
  for (const row of rows) {
    const sessions = (await services.specstory.list(row.key)).filter(isResumable);
    const lastUpdated = sessions[0]?.updated;
    if (lastUpdated === undefined) continue;
    const wired = sessions.map((session) => wireSession(session, row));
    projects.push({ ...wireProject(row, row), lastUpdated, sessionCount: wired.length, sessions: wired });
  }
  return projects.sort((a, b) => (a.lastUpdated < b.lastUpdated ? 1 : -1));
}
