import type { Source } from '../../adapters/adapter.ts';

/** Sources touched within this time may be touched again; the hooks look at as many of them as this. */
export const recent = { days: 14, sources: 200 };

/** The sources that were touched last, at most `most`, the latest first. */
export function recentOf(sources: readonly Source[], now: number, most = recent.sources): Source[] {
  return sources
    .filter(({ modified }) => modified > now - recent.days * 86_400_000)
    .sort((a, b) => b.modified - a.modified)
    .slice(0, most);
}
