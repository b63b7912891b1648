import type { Project } from '../access.ts';
import type { ProjectLook } from '../store/account-store.ts';
import type { ListedSession } from './listed-sessions.ts';

// What SpecStory's clients read. Fields of its list, of its resume and of its documented API stand side by side: each client takes its own.

/** A project as every answer has it. */
export interface WireProject {
  readonly id: string;
  readonly name: string;
  readonly icon: string | null;
  readonly color: string | null;
}

export function wireProject({ id, name }: Pick<Project, 'id' | 'name'>, look: ProjectLook | undefined): WireProject {
  return { id, name, icon: look?.icon ?? null, color: look?.color ?? null };
}

/** An entity tag over content: weak, because media types share it. */
export const entityTag = ({ etag }: Pick<ListedSession, 'etag'>): string => `W/"${etag}"`;

export function wireSession(listed: ListedSession, { id, name }: Pick<Project, 'id' | 'name'>) {
  const { session, title, metadata, sizes, created, updated, started, ended } = listed;
  return {
    id: session,
    clientId: session,
    projectId: id,
    projectName: name,
    name: listed.name,
    ...(title === undefined ? {} : { userTitle: title }),
    metadata,
    markdownSize: sizes.markdown,
    rawDataSize: sizes.rawData,
    sessionDataSize: sizes.sessionData,
    createdAt: created,
    updatedAt: updated,
    startedAt: started ?? created,
    endedAt: ended ?? updated,
    etag: entityTag(listed),
  };
}

/** Whether it can be continued from here, and shows in lists. */
export const isResumable = ({ sizes, hidden }: ListedSession): boolean => sizes.sessionData > 0 && !hidden;
