import type { SpecstoryRoute } from './specstory.ts';
import { specstoryExtras } from './specstory-extras.ts';
import { specstoryProjects } from './specstory-projects.ts';
import { specstorySearch } from './specstory-search.ts';
import { specstorySessions } from './specstory-sessions.ts';

/** Every route of SpecStory's API below `/api/v1` but for its sign-in. */
export const specstoryTable: readonly SpecstoryRoute[] = [
  ...specstoryProjects,
  ...specstorySessions,
  ...specstorySearch,
  ...specstoryExtras,
];
