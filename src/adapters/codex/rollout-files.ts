import type { Host } from '../../core/host.ts';
import { digest } from '../../core/ids.ts';
import { asObject, asText, isObject, parseJson } from '../../core/json.ts';
import { isInside } from '../../core/paths.ts';
import { storable } from '../../core/text.ts';
import type { Known, Project, Source } from '../adapter.ts';
import { fileSource } from '../document-store.ts';
import { codexId } from './codex-id.ts';
import { isRollout, rolloutStem, threadOf } from './rollout-name.ts';
import { headOf } from './rollout-store.ts';

/** Bytes of a rollout that are read at most to learn its folder; the first line has it near its start. */
const headLimit = 64 << 10;
const folderField = /"cwd":\s*("(?:[^"\\]|\\.)*")/;

/** Codex's folder: `CODEX_HOME`, else `.codex` in the person's home. All of its front ends share it. */
function codexHome(host: Host): string | undefined {
  return host.env('CODEX_HOME') ?? (host.home === undefined ? undefined : host.path.join(host.home, '.codex'));
}

interface Rollout {
  readonly path: string;
  readonly unchanged: boolean;
}

/** Every rollout of the store, one for each name: a plain file before a compressed one, the live before the archived. */
function rolloutFiles(host: Host): Rollout[] {
  const home = codexHome(host);
  if (home === undefined) return [];
  const best = new Map<string, Rollout>();
  const found = [
    ...walk(host, host.path.join(home, 'sessions'), 3),
    ...walk(host, host.path.join(home, 'archived_sessions'), 0),
  ];
  for (const rollout of found.sort((a, b) => Number(isCompressed(a.path)) - Number(isCompressed(b.path)))) {
    const stem = rolloutStem(rollout.path);
    if (!best.has(stem)) best.set(stem, rollout);
  }
  return [...best].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rollout]) => rollout);
}

function* walk(host: Host, folder: string, depth: number): Generator<Rollout> {
  for (const { name, kind, unchanged = false } of host.files.list(folder)) {
    if (kind === 'file' && isRollout(name)) yield { path: host.path.join(folder, name), unchanged };
    else if (kind === 'folder' && depth > 0) yield* walk(host, host.path.join(folder, name), depth - 1);
  }
}

function isCompressed(path: string): boolean {
  return /\.zst$/i.test(path);
}

/** The rollouts of each thread, oldest first: nearly always one. */
function threads(host: Host): Rollout[][] {
  const found = new Map<string, Rollout[]>();
  for (const rollout of rolloutFiles(host)) {
    const thread = threadOf(rollout.path) ?? rollout.path;
    const known = found.get(thread);
    if (known) known.push(rollout);
    else found.set(thread, [rollout]);
  }
  return [...found.values()];
}

/** All rollouts of the thread that a source stands for: of a source from `projectSources` where it is not the only one. */
export function filesOf(host: Host, { key, path }: Source): string[] {
  const thread = threadOf(path);
  return key === rolloutStem(path) || thread === undefined ? [path] : filesOfThread(host, thread);
}

function filesOfThread(host: Host, thread: string): string[] {
  return rolloutFiles(host)
    .map(({ path }) => path)
    .filter((path) => threadOf(path) === thread);
}

/** A thread of the store by its id. */
export function sourceOfThread(host: Host, thread: string): Source | undefined {
  const files = filesOfThread(host, thread.toLowerCase());
  const [source] = files.length === 0 ? [] : sourceOf(host, files, new Map());
  return source;
}

/** The sources of a project, one for each thread. Whose a rollout is, only its first line says: it is read once for each `known`. */
export function* projectSources(host: Host, project: Project, known?: Known): Generator<Source> {
  const titles = threadNames(host);
  const ours = (path: string) => {
    const key = rolloutStem(path);
    const belongs = known?.get(key) ?? belongsTo(host, path, project);
    if (belongs !== undefined) known?.set(key, belongs);
    return belongs === true;
  };
  for (const rollouts of threads(host)) {
    const files = rollouts.map(({ path }) => path);
    const [first = '', ...more] = files;
    // The title stands beside the file, and may be new.
    if (more.length === 0 && rollouts[0]?.unchanged && !titles.has(threadOf(first) ?? '')) continue;
    if (more.length === 0 ? ours(first) : files.map(ours).includes(true)) yield* sourceOf(host, files, titles);
  }
}

/** Whether a rollout was started inside the project; `undefined` while its first line is not there yet. */
function belongsTo(host: Host, path: string, project: Project): boolean | undefined {
  const head = firstLines(host, path);
  const cwd = folderField.exec(head)?.[1];
  const folder = cwd === undefined ? environmentFolder(head) : asText(parseJson(cwd));
  if (folder !== undefined) return project.roots.some((root) => isInside(folder, root));
  return head.includes('\n') || head.length >= headLimit ? false : undefined;
}

function firstLines(host: Host, path: string): string {
  try {
    return headOf(host, path, { compressed: isCompressed(path), limit: headLimit, until: folderField });
  } catch {
    // Gone, not readable, or damaged: `records` says so where somebody asks for it.
    return '';
  }
}

/** Rollouts before fall 2025 name their folder in the first message only. */
function environmentFolder(head: string): string | undefined {
  return (/<cwd>([^<\\"]+)<\/cwd>/.exec(head) ?? /Current working directory: ([^\\"]+)/.exec(head))?.[1]?.trim();
}

/** One rollout as a source; none when the file is gone. */
export function sourceAt(host: Host, path: string): Generator<Source> {
  return sourceOf(host, [path], threadNames(host));
}

/** A thread as a source, by the name of its first rollout; one that grew over several is read whole. */
function* sourceOf(host: Host, files: readonly string[], titles: ReadonlyMap<string, string>): Generator<Source> {
  const [first = ''] = files;
  const source = fileSource(host, codexId, rolloutStem(first), files);
  if (source === undefined) return;
  const title = titles.get(threadOf(first) ?? '');
  yield {
    ...source,
    version: `${source.version}${title === undefined ? '' : `-${digest(title).slice(0, 8)}`}`,
    appendOnly: files.length === 1 && /\.jsonl$/i.test(first),
    ...(title === undefined ? {} : { title }),
  };
}

/** The names people gave to threads, by thread id: of several the last holds. */
function threadNames(host: Host): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const home = codexHome(host);
  const index = home === undefined ? undefined : host.files.text(host.path.join(home, 'session_index.jsonl'));
  for (const line of (index ?? '').split('\n')) {
    const value = line === '' ? undefined : parseJson(line);
    const { id, thread_name: name } = isObject(value) ? value : asObject(undefined);
    const [thread, title] = [asText(id)?.toLowerCase(), asText(name)?.trim()];
    if (thread !== undefined && title) names.set(thread, storable(title));
  }
  return names;
}

/**
 * What changes when something is new: files Codex writes at each prompt or turn (whichever rollout grows), the folders
 * of the latest day, and the rollouts in it.
 */
export function changingPlaces(host: Host): string[] {
  const home = codexHome(host);
  if (home === undefined) return [];
  const sessions = host.path.join(home, 'sessions');
  const days = latest(host, sessions, 3);
  const day = days.at(-1) ?? sessions;
  const rollouts = host.files.list(day).filter(({ name }) => isRollout(name));
  const databases = host.files.list(home).filter(({ name }) => /^state_\d+\.sqlite(?:-wal)?$/.test(name));
  return [
    ...['history.jsonl', 'session_index.jsonl'].map((name) => host.path.join(home, name)),
    ...databases.map(({ name }) => host.path.join(home, name)),
    host.path.join(home, 'archived_sessions'),
    sessions,
    ...days,
    ...rollouts.map(({ name }) => host.path.join(day, name)),
  ];
}

/** The latest folder, and the latest in it, and so on. */
function latest(host: Host, folder: string, depth: number): string[] {
  const last = host.files.list(folder).findLast(({ name, kind }) => kind === 'folder' && /^\d+$/.test(name));
  if (last === undefined || depth === 0) return [];
  const path = host.path.join(folder, last.name);
  return [path, ...latest(host, path, depth - 1)];
}
