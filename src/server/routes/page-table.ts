import type { PageRoute } from './pages.ts';
import { accountPages } from './pages-account.ts';
import { signInPages } from './pages-sign-in.ts';

/** Every page and every form. */
export const pageTable: readonly PageRoute[] = [...signInPages, ...accountPages];
