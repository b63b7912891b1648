import { describe, expect, it } from 'vitest';
import { projectWorkspaces, userFolders, workspaceFolders, workspaces } from '../../src/adapters/vscode-user.ts';
import { memoryHost } from '../hosts/memory-host.ts';

const code = [{ name: 'Code', server: '.vscode-server', flatpak: 'com.visualstudio.code' }];

describe('userFolders', () => {
  it('knows the folders of each platform', () => {
    expect(userFolders(memoryHost({ home: '/home/me', files: {} }), code)).toEqual([
      '/home/me/.config/Code/User',
      '/home/me/.var/app/com.visualstudio.code/config/Code/User',
      '/home/me/.vscode-server/data/User',
    ]);
    expect(userFolders(memoryHost({ platform: 'darwin', home: '/Users/me', files: {} }), [{ name: 'Code' }])).toEqual([
      '/Users/me/Library/Application Support/Code/User',
    ]);
    expect(userFolders(memoryHost({ platform: 'win32', home: 'C:\\me', files: {} }), [{ name: 'Code' }])).toEqual([
      'C:\\me\\AppData\\Roaming\\Code\\User',
    ]);
  });

  it('follows the environment', () => {
    const env = { VSCODE_PORTABLE: '/p', VSCODE_APPDATA: '/a', XDG_CONFIG_HOME: '/x' };
    expect(userFolders(memoryHost({ env, files: {} }), code)).toEqual([
      '/p/user-data/User',
      '/a/Code/User',
      '/x/Code/User',
    ]);
  });

  it('looks at the Windows side of WSL', () => {
    const files = { '/mnt/c/Users/me/x': '', '/mnt/c/Users/desktop.ini': '' };
    const host = memoryHost({ home: '/home/me', env: { WSL_DISTRO_NAME: 'Ubuntu' }, files });
    expect(userFolders(host, [{ name: 'Code' }])).toContain('/mnt/c/Users/me/AppData/Roaming/Code/User');
  });

  it('is empty on a machine without a home', () => {
    expect(userFolders(memoryHost({ files: {} }), code)).toEqual([]);
  });
});

describe('workspaces', () => {
  const at = (content: unknown, more: Record<string, string> = {}) => {
    const files = { '/u/workspaceStorage/w/workspace.json': JSON.stringify(content), ...more };
    return workspaceFolders(memoryHost({ home: '/home/me', files }), '/u/workspaceStorage/w');
  };

  it('decodes the folder of a window', () => {
    expect(at({ folder: 'file:///home/me/a%20b' })).toEqual(['/home/me/a b']);
    expect(at({ folder: 'file:///c%3A/me' })).toEqual(['c:/me']);
  });

  it('leaves out folders of other machines, which only look the same', () => {
    expect(at({ folder: 'vscode-remote://ssh-remote%2Bbox/home/me/proj' })).toEqual([]);
    expect(at({ folder: 'vscode-vfs://github/me/proj' })).toEqual([]);
    expect(at({ folder: 'vscode-remote://wsl%2Bubuntu/home/me/proj' })).toEqual(['/home/me/proj']);
  });

  it('reads the folders of a workspace file, comments and all', () => {
    const file = '{ // all\n "folders": [{ "path": "b" }, { "path": "/c" }, { "uri": "file:///d" }, 5, {},], }';
    expect(at({ workspace: 'file:///a/x.code-workspace' }, { '/a/x.code-workspace': file })).toEqual([
      '/a/b',
      '/c',
      '/d',
    ]);
    expect(at({ configuration: 'file:///a/x.code-workspace' }, { '/a/x.code-workspace': file })).toHaveLength(3);
    expect(at({ workspace: 'file:///a/gone.code-workspace' })).toEqual([]);
  });

  it('knows nothing of a window without a folder', () => {
    for (const content of [{}, 5, null, { folder: 7 }]) expect(at(content)).toEqual([]);
  });

  it('gives those of a project, by the folder as given or with links resolved', () => {
    const host = memoryHost({
      files: {
        '/u/workspaceStorage/1/workspace.json': '{"folder":"file:///proj/sub"}',
        '/u/workspaceStorage/2/workspace.json': '{"folder":"file:///link"}',
        '/u/workspaceStorage/3/workspace.json': '{"folder":"file:///project"}',
        '/u/workspaceStorage/note.txt': '',
      },
      links: { '/link': '/proj' },
    });
    expect([...workspaces(host, ['/u', '/missing'])]).toHaveLength(3);
    const ours = projectWorkspaces(host, ['/u'], { roots: ['/proj'] });
    expect(ours.map(({ storage }) => storage)).toEqual(['/u/workspaceStorage/1', '/u/workspaceStorage/2']);
  });
});
