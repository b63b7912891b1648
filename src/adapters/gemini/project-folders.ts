import type { Host } from '../../core/host.ts';
import { digest } from '../../core/ids.ts';
import { asObject, asText, parseJson } from '../../core/json.ts';
import { isInside } from '../../core/paths.ts';
import type { Project } from '../adapter.ts';

/** The folder `.gemini`; `GEMINI_CLI_HOME` stands in for the home folder. */
function geminiFolder(host: Host): string | undefined {
  const home = host.env('GEMINI_CLI_HOME') ?? host.home;
  return home === undefined ? undefined : host.path.join(home, '.gemini');
}

/** The folder that holds one folder per project. */
export function projectsFolder(host: Host): string | undefined {
  const folder = geminiFolder(host);
  return folder === undefined ? undefined : host.path.join(folder, 'tmp');
}

/**
 * The folders of this project below `tmp`. Their names are the SHA-256 of the root (before 0.30), or a slug that
 * `projects.json` and a `.project_root` file inside lead back to a path.
 */
export function projectFolders(host: Host, { roots }: Project): string[] {
  const tmp = projectsFolder(host);
  if (tmp === undefined) return [];
  const hashes = new Set(roots.flatMap(spellings).map(digest));
  const registered = registeredRoots(host);
  const ours = (path: string | undefined) =>
    path !== undefined && roots.some((root) => isInside(path, root) || isInside(host.files.real(path), root));
  return host.files
    .list(tmp)
    .filter(({ kind }) => kind === 'folder')
    .filter(({ name }) => hashes.has(name) || ours(registered.get(name) ?? markedRoot(host, host.path.join(tmp, name))))
    .map(({ name }) => host.path.join(tmp, name));
}

/** The path in the `.project_root` file of a project's folder. */
export function markedRoot(host: Host, folder: string): string | undefined {
  return asText(host.files.text(host.path.join(folder, '.project_root'), 1 << 16)?.trim());
}

/** The one of these roots that the hash was made of. */
export function rootOfHash(roots: readonly string[], hash: string | undefined): string | undefined {
  return roots.find((root) => spellings(root).some((spelling) => digest(spelling) === hash));
}

/** `projects.json` turned round: path by folder name. */
function registeredRoots(host: Host): Map<string, string> {
  const folder = geminiFolder(host) ?? '';
  const registry = asObject(parseJson(host.files.text(host.path.join(folder, 'projects.json')) ?? ''));
  const pairs = Object.entries(asObject(registry.projects));
  return new Map(pairs.flatMap(([path, slug]) => (typeof slug === 'string' ? [[slug, path]] : [])));
}

/** The ways one root may have been written when it was hashed: Windows drive letters come in both cases. */
function spellings(root: string): string[] {
  if (!/^[A-Za-z]:[\\/]/.test(root)) return [root];
  const rest = root.slice(1).replaceAll('/', '\\');
  return [root, root.charAt(0).toUpperCase() + rest, root.charAt(0).toLowerCase() + rest];
}
