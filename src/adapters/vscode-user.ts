import { parse } from 'jsonc-parser';
import type { Host } from '../core/host.ts';
import { asArray, asObject, asText, parseJson } from '../core/json.ts';
import { fromUri, isInside } from '../core/paths.ts';
import type { Project } from './adapter.ts';
import { applicationData } from './application-data.ts';

/** An editor built on VS Code, by the names under which it keeps its data. */
export interface Product {
  /** Folder in the platform's application data: `Code`, `Cursor` … */
  readonly name: string;
  /** Folder in the home of a remote machine: `.vscode-server`, where only extensions keep data. */
  readonly server?: string;
  /** Application id of the Flatpak, which has a configuration folder of its own. */
  readonly flatpak?: string;
}

/** One `workspaceStorage/<id>` folder: what an editor keeps for one window's folder or workspace. */
export interface Workspace {
  /** The `workspaceStorage/<id>` folder itself. */
  readonly storage: string;
  /** The folders open in that window, as paths of this machine; several in a multi-root workspace, none when unknown. */
  readonly folders: readonly string[];
}

/**
 * Every `User` folder these products may have on this machine, whether it exists or not: portable, moved by
 * `VSCODE_APPDATA`, the platform's own, Flatpak, remote server, and the Windows side of WSL.
 */
export function userFolders(host: Host, products: readonly Product[]): string[] {
  const { join } = host.path;
  const portable = host.env('VSCODE_PORTABLE');
  const local = products.flatMap(({ name }) => dataFolders(host).map((folder) => join(folder, name, 'User')));
  const extra = products.flatMap((product) => extraFolders(host, product));
  return [...new Set([...(portable ? [join(portable, 'user-data', 'User')] : []), ...local, ...extra])];
}

function dataFolders(host: Host): string[] {
  const folders = [host.env('VSCODE_APPDATA'), applicationData(host), ...windowsOfWsl(host)];
  return folders.filter((folder) => folder !== undefined);
}

/** Under WSL the window, and with it the data, is on the Windows side. */
function windowsOfWsl(host: Host): string[] {
  if (host.platform !== 'linux' || host.env('WSL_DISTRO_NAME') === undefined) return [];
  const people = host.files.list('/mnt/c/Users').filter(({ kind }) => kind === 'folder');
  return people.map(({ name }) => host.path.join('/mnt/c/Users', name, 'AppData', 'Roaming'));
}

function extraFolders(host: Host, { name, server, flatpak }: Product): string[] {
  const { home, platform, path } = host;
  if (home === undefined) return [];
  const folders: string[] = [];
  if (flatpak && platform === 'linux') folders.push(path.join(home, '.var', 'app', flatpak, 'config', name, 'User'));
  if (server) folders.push(path.join(home, server, 'data', 'User'));
  return folders;
}

/** The workspaces below these `User` folders. Profiles share them, so there is one `workspaceStorage` per `User` folder. */
export function* workspaces(host: Host, users: readonly string[]): Generator<Workspace> {
  for (const user of users) {
    const root = host.path.join(user, 'workspaceStorage');
    for (const { name, kind } of host.files.list(root)) {
      if (kind !== 'folder') continue;
      const storage = host.path.join(root, name);
      yield { storage, folders: workspaceFolders(host, storage) };
    }
  }
}

/** The workspaces with a folder in this project. A folder that was made anew, or opened in two editors, has several. */
export function projectWorkspaces(host: Host, users: readonly string[], { roots }: Project): Workspace[] {
  const ours = (folder: string) => roots.some((root) => isInside(folder, root));
  const open = ({ folders }: Workspace) => folders.some((folder) => ours(folder) || ours(host.files.real(folder)));
  return [...workspaces(host, users)].filter(open);
}

/**
 * The folders that the `workspace.json` in a `workspaceStorage/<id>` folder leads to: `folder` of a window with one
 * folder, else those in the `.code-workspace` file under `workspace` (once `configuration`).
 */
export function workspaceFolders(host: Host, storage: string): string[] {
  const about = asObject(parseJson(host.files.text(host.path.join(storage, 'workspace.json'), 1 << 16) ?? ''));
  const folder = localPath(host, asText(about.folder));
  if (folder !== undefined) return [folder];
  const file = localPath(host, asText(about.workspace) ?? asText(about.configuration));
  return file === undefined ? [] : foldersOfWorkspaceFile(host, file);
}

function foldersOfWorkspaceFile(host: Host, file: string): string[] {
  const { path } = host;
  const listed = asArray(
    asObject(parse(host.files.text(file, 1 << 20) ?? '', [], { allowTrailingComma: true })).folders,
  );
  return listed.flatMap((entry) => {
    const { path: name, uri } = asObject(entry);
    const given = asText(name);
    const folder = given === undefined ? localPath(host, asText(uri)) : given;
    if (folder === undefined) return [];
    return path.isAbsolute(folder) ? [folder] : [path.join(path.dirname(file), folder)];
  });
}

/** The path behind an address, when it is one of this machine: a folder on an SSH host only looks the same. */
function localPath(host: Host, uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined;
  const [, scheme, authority = ''] = /^([a-z][\w+.-]+):\/\/([^/]*)/i.exec(uri) ?? [];
  const wsl = scheme === 'vscode-remote' && host.platform === 'linux' && /^wsl(?:\+|%2b)/i.test(authority);
  return scheme === undefined || scheme === 'file' || wsl ? fromUri(uri) : undefined;
}
