import type { Host } from '../core/host.ts';
import { asObject, asText, parseJson } from '../core/json.ts';
import { isInside } from '../core/paths.ts';
import type { Project } from './adapter.ts';

/** A conversation as Cursor mirrors it into `agent-transcripts`, from the command line and from the editor alike. */
export interface Transcript {
  readonly id: string;
  /** The conversation whose sub-agent it is. */
  readonly parent?: string;
  readonly path: string;
}

/** The folders that stand for `~/.cursor`: moved by `CURSOR_DATA_DIR` or `CURSOR_CONFIG_DIR` in newer versions. */
export function cursorFolders(host: Host): string[] {
  const own = host.home === undefined ? undefined : host.path.join(host.home, '.cursor');
  const folders = [host.env('CURSOR_DATA_DIR'), host.env('CURSOR_CONFIG_DIR'), own];
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

/** A project's roots as given and with links resolved; on Windows with the drive letter in both cases. */
export function rootForms(host: Host, { roots }: Project): string[] {
  const forms = roots.flatMap((root) => [root, host.files.real(root)]);
  const drives = forms.filter((form) => /^[A-Za-z]:/.test(form));
  const cased = drives.flatMap((form) =>
    [form.charAt(0).toLowerCase(), form.charAt(0).toUpperCase()].map((drive) => drive + form.slice(1)),
  );
  return [...new Set([...forms, ...cased])];
}

/** The folders `projects/<slug>/agent-transcripts` of this project, whether they exist or not. */
export function transcriptFolders(host: Host, project: Project): string[] {
  const { join } = host.path;
  return cursorFolders(host).flatMap((folder) => {
    const all = join(folder, 'projects');
    return slugsOf(host, all, rootForms(host, project)).map((slug) => join(all, slug, 'agent-transcripts'));
  });
}

/**
 * The transcripts of this project: `<id>.jsonl` (command line), `<id>/<id>.jsonl` (newer versions, editor) and
 * `<id>/subagents/<id>.jsonl`. No file is opened but the note of a folder's path.
 */
export function* transcripts(host: Host, project: Project): Generator<Transcript> {
  const { join } = host.path;
  for (const folder of transcriptFolders(host, project)) {
    for (const { name, kind } of host.files.list(folder)) {
      if (kind === 'file') yield* transcript(join(folder, name), name);
      if (kind !== 'folder') continue;
      for (const inner of filesIn(host, join(folder, name))) yield* transcript(join(folder, name, inner), inner);
      const below = join(folder, name, 'subagents');
      for (const inner of filesIn(host, below)) yield* transcript(join(below, inner), inner, name);
    }
  }
}

function* transcript(path: string, name: string, parent?: string): Generator<Transcript> {
  if (!name.endsWith('.jsonl')) return;
  yield { id: name.slice(0, -'.jsonl'.length), path, ...(parent === undefined ? {} : { parent }) };
}

function filesIn(host: Host, folder: string): string[] {
  return host.files
    .list(folder)
    .filter(({ kind }) => kind === 'file')
    .map(({ name }) => name);
}

/**
 * The slug folders of these roots. A slug is the path with `-` for all that is no letter or digit, so different paths
 * share one: where the folder notes the path it was made for, the note decides; sub-folders are found by it alone.
 */
function slugsOf(host: Host, all: string, roots: readonly string[]): string[] {
  const exact = new Set(roots.map(slugOf));
  const near = (name: string) =>
    [...exact].some((slug) => `${name}-`.toLowerCase().startsWith(`${slug}-`.toLowerCase()));
  const ours = ({ name }: { readonly name: string }) => {
    if (!near(name)) return false;
    const note = host.files.text(host.path.join(all, name, '.workspace-trusted'), 1 << 16);
    const path = asText(asObject(parseJson(note ?? '')).workspacePath);
    return path === undefined ? exact.has(name) : roots.some((root) => isInside(path, root));
  };
  return host.files
    .list(all)
    .filter(({ kind }) => kind === 'folder')
    .filter(ours)
    .map(({ name }) => name);
}

/** The root that a transcript of this path was held in, when its folder is named after it as a whole. */
export function rootOfTranscript(path: string, roots: readonly string[]): string | undefined {
  const slug = /[\\/]projects[\\/]([^\\/]+)[\\/]agent-transcripts[\\/]/.exec(path)?.[1];
  return roots.find((root) => slugOf(root).toLowerCase() === slug?.toLowerCase());
}

function slugOf(path: string): string {
  return path.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
