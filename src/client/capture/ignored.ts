import { existsSync, readFileSync } from 'node:fs';
import picomatch from 'picomatch';
import type { Source } from '../../adapters/adapter.ts';
import type { SessionMeta } from '../../core/session.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import type { Context } from '../context.ts';

/** What decides whether a session is saved. */
export type Subject = Pick<SessionMeta, 'id' | 'parent' | 'cwd'>;

/** Whether a session is one that the person does not want saved. */
export type IgnoreRule = (subject: Subject, source: Source) => boolean;

/** A session is left out when it (or its parent) is named, here or in the configuration, or when its folder or source matches a glob. */
export function ignoreRule(context: Context): IgnoreRule {
  const { ignorePaths, ignoreSessions } = context.config.capture;
  const ids = new Set<string>([...ignoreSessions, ...ignoredSessions(context)]);
  const globs = ignorePaths.map((glob) => expandHome(glob, context.host.home));
  const matches = globs.length > 0 ? picomatch(globs, { dot: true }) : () => false;
  return (meta, source) =>
    ids.has(meta.id) ||
    (meta.parent !== undefined && ids.has(meta.parent)) ||
    matches(source.path) ||
    (meta.cwd !== undefined && matches(meta.cwd));
}

/** The sessions named with `specstory ignore` in this clone. */
export function ignoredSessions(context: Context): string[] {
  const path = context.place('ignored');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

export async function saveIgnoredSessions(context: Context, ids: readonly string[]): Promise<void> {
  await replaceFile(context.place('ignored'), [...new Set(ids)].map((id) => `${id}\n`).join(''));
}

function expandHome(glob: string, home: string | undefined): string {
  const full = home !== undefined && glob.startsWith('~/') ? `${home}${glob.slice(1)}` : glob;
  return full.endsWith('/') ? `${full}**` : full;
}
