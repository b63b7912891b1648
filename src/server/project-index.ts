import type { WriterId } from '../core/ids.ts';

/** What the APIs ask of the index of what was pushed. */
export interface ProjectIndex {
  /** Sessions of a project, and when the last of them changed (ISO 8601). */
  summary(project: string): Promise<{ readonly sessions: number; readonly updatedAt: string | undefined }>;
  /** How far each writer's refs were pushed and ingested, and what was not taken. */
  status(project: string): Promise<{
    readonly writers: readonly {
      readonly writer: WriterId;
      readonly history: string | undefined;
      readonly raw: string | undefined;
      readonly ingested: string | undefined;
    }[];
    readonly rejected: readonly {
      readonly session: string;
      readonly writer: WriterId;
      readonly code: string;
      readonly reason: string;
      readonly at: string;
    }[];
  }>;
  /** Makes the rows of a project anew and hears of each item; gives how many were rejected. */
  reindex(project: string, hear: () => void): Promise<number>;
}
