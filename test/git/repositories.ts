import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import type { Redacted } from '../../src/core/redacted.ts';
import { vouch } from '../../src/core/vouch.ts';
import type { Import } from '../../src/git/write.ts';

const made: string[] = [];

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** A folder that is gone when the tests of the file are done. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'specstory-')));
  made.push(folder);
  return folder;
}

/** Runs git as a person would, in `folder`. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** A repository with one commit on `main`. */
export function makeRepository(...initOptions: string[]): string {
  const folder = path.join(temporaryFolder(), 'project');
  git('/', 'init', '--quiet', '--initial-branch=main', ...initOptions, folder);
  git(folder, 'commit', '--quiet', '--allow-empty', '--message=first');
  return folder;
}

/** A PATH whose git runs a line of shell before the real one. */
export function withGit(line: string): string {
  const folder = temporaryFolder();
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  writeFileSync(path.join(folder, 'git'), `#!/bin/sh\n${line}\nexec '${real}' "$@"\n`, { mode: 0o755 });
  return folder;
}

export const redacted = (text: string): Redacted<string> => vouch(text);

export const author = { name: 'A Developer', email: 'developer@example.org' };

export const text = (subject: string) => ({ subject: redacted(subject), at: '2026-01-02T03:04:05.678Z' });

/** One commit with one file on `history`. */
export async function commitFile(into: Import, path: string, content: string): Promise<void> {
  await into.commit('refs/specstory/history', text(`write ${path}`), [{ path, content: redacted(content) }]);
}

/** Fails unless everything that any ref reaches is there and well formed. */
export function checkRepository(folder: string): void {
  const problems = git(folder, 'fsck', '--strict', '--full', '--no-dangling', '--no-progress');
  if (problems !== '') throw new Error(problems);
}
