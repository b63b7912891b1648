import type { ApiRoute } from './api.ts';
import { adminRoutes } from './api-admin.ts';
import { historyRoutes } from './api-history.ts';
import { loginRoutes } from './api-login.ts';
import { projectRoutes } from './api-projects.ts';
import { searchRoutes } from './api-search.ts';
import { serverRoutes } from './api-server.ts';
import { tokenRoutes } from './api-tokens.ts';

/** Every route below `/api/v2`. */
export const apiTable: readonly ApiRoute[] = [
  ...serverRoutes,
  ...loginRoutes,
  ...tokenRoutes,
  ...projectRoutes,
  ...historyRoutes,
  ...searchRoutes,
  ...adminRoutes,
];
