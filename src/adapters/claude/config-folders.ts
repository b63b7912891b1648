import type { Host } from '../../core/host.ts';
import type { Project } from '../adapter.ts';
import { applicationData } from '../application-data.ts';

/** A folder of transcripts that may be the project's: its name begins like one of the roots does when encoded. */
export interface ProjectFolder {
  readonly path: string;
  /** The whole name is a root's, so what cannot be looked into is more likely ours than not. */
  readonly exact: boolean;
}

/** Names longer than this are cut by the agent and end in a hash. */
const longest = 200;

/**
 * The `projects` folders of every configuration: `CLAUDE_CONFIG_DIR` (a list with commas is accepted), `~/.claude`,
 * `~/.config/claude`, and one for each session of the desktop app that runs an agent on this machine.
 */
export function projectsFolders(host: Host): string[] {
  const named = host.env('CLAUDE_CONFIG_DIR') ?? '';
  const config = host.env('XDG_CONFIG_HOME') ?? (host.home && host.path.join(host.home, '.config'));
  const folders = [
    ...new Set([named, ...named.split(',')].map((folder) => folder.trim())),
    host.home && host.path.join(host.home, '.claude'),
    config && host.path.join(config, 'claude'),
    ...desktopFolders(host),
  ];
  const projects = folders.filter((folder) => !!folder).map((folder) => host.path.join(folder ?? '', 'projects'));
  const unique = new Map(projects.map((folder) => [host.files.real(folder), folder]));
  return [...unique.values()];
}

/** `Claude/local-agent-mode-sessions/<organisation>/<account>/local_<id>/.claude` in the platform's application data. */
function desktopFolders(host: Host): string[] {
  const { join } = host.path;
  const data = applicationData(host);
  const sessions = data === undefined ? [] : [join(data, 'Claude', 'local-agent-mode-sessions')];
  const below = (folders: readonly string[]) =>
    folders.flatMap((folder) =>
      host.files.list(folder).flatMap(({ name, kind }) => (kind === 'folder' ? [join(folder, name)] : [])),
    );
  return below(below(below(sessions))).map((session) => join(session, '.claude'));
}

/** The folders that may hold transcripts of the project, its sub-directories and its worktrees; whose they are is in the transcripts. */
export function projectFolders(host: Host, project: Project): ProjectFolder[] {
  const names = encodedRoots(host, project);
  return projectsFolders(host).flatMap((projects) =>
    host.files
      .list(projects)
      .filter(({ name, kind }) => kind === 'folder' && names.some((root) => begins(fold(host, name), root)))
      .map(({ name }) => ({ path: host.path.join(projects, name), exact: names.includes(fold(host, name)) })),
  );
}

/** The folders of the roots themselves, whether they exist yet or not. */
export function rootFolders(host: Host, project: Project): string[] {
  const names = project.roots.map((root) => encode(root.normalize('NFC')));
  return projectsFolders(host).flatMap((projects) => names.map((name) => host.path.join(projects, name)));
}

/** Every character but ASCII letters and digits becomes `-`; which form of an accent was encoded depends on version and system. */
function encodedRoots(host: Host, project: Project): string[] {
  const forms = project.roots.flatMap((root) => [root, root.normalize('NFC'), root.normalize('NFD')]);
  return [...new Set(forms.map((root) => fold(host, encode(root))))];
}

function encode(root: string): string {
  return root.replace(/[\\/]+$/, '').replace(/[^A-Za-z0-9]/g, '-');
}

/** Windows gives the same folder with different case (`c:\`, `C:\`). */
function fold(host: Host, name: string): string {
  return host.platform === 'win32' ? name.toLowerCase() : name;
}

function begins(name: string, root: string): boolean {
  return (
    name === root || name.startsWith(`${root}-`) || (root.length > longest && name.startsWith(root.slice(0, longest)))
  );
}
