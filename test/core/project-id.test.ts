import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { projectIdentity } from '../../src/core/project-id.ts';

const id = (text: string) =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 16)
    .replace(/(.{4})(?!$)/g, '$1-');

const gitId = (origin: string) => projectIdentity({ origin, root: '/r', platform: 'linux' }).gitId;

describe("SpecStory's ids of a project", () => {
  it.each([
    ['git@github.com:o/r.git', 'github.com/o/r'],
    ['https://github.com/o/r.git', 'github.com/o/r'],
    ['https://github.com/o/r', 'github.com/o/r'],
    // No colon behind the @: only the scheme goes.
    ['ssh://git@host/o/r', 'git@host/o/r'],
    // A port becomes a part of the path.
    ['ssh://git@host:22/o/r', 'host/22/o/r'],
    ['https://user@host:8443/o/r', 'host/8443/o/r'],
    ['https://user@host/o/r', 'user@host/o/r'],
    ['https://u:tok@host/o/r', 'u:tok@host/o/r'],
    // One suffix only, and only at the very end.
    ['https://host/o/r.git/', 'host/o/r.git/'],
    ['https://host/o/r.git.git', 'host/o/r.git'],
    ['https://host/o/r/', 'host/o/r/'],
    // No lower-casing, and ports stay without a user.
    ['https://Host/O/R', 'Host/O/R'],
    ['https://host:8443/o/r', 'host:8443/o/r'],
    ['git@host:/o/r', 'host//o/r'],
    ['a@b@c:d', 'b@c/d'],
    ['git@host:a:b', 'host/a:b'],
    ['host:o/r', 'host:o/r'],
    ['/srv/git/r.git', '/srv/git/r'],
    ['../r', '../r'],
    ['file:///srv/r.git', '/srv/r'],
  ])('%s is %s', (origin, normalised) => {
    expect(gitId(origin)).toBe(id(normalised));
  });

  it('takes the path of the working tree where there is no origin', () => {
    const own = (platform: 'linux' | 'darwin' | 'win32') =>
      projectIdentity({ origin: undefined, root: '/Users/Dev/App', platform });
    expect(own('linux')).toEqual({ workspaceId: id('/Users/Dev/App'), name: 'App' });
    expect(own('darwin')).toEqual({ workspaceId: id('/users/dev/app'), name: 'App' });
    expect(own('win32').workspaceId).toBe(id('/users/dev/app'));
  });

  it('is named after the repository, else after its folder', () => {
    const name = (origin: string) => projectIdentity({ origin, root: '/x/folder', platform: 'linux' }).name;
    expect(name('git@github.com:o/app.git')).toBe('app');
    expect(name('host:app')).toBe('app');
    expect(name('https://host/o/app/')).toBe('folder');
  });
});
