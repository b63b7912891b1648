import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { git } from '../../git/repositories.ts';

/** What all runs of a file share. */
export interface Stage {
  /** A repository, and a bare one, to be copied: `git init` takes longer. */
  readonly template: string;
  readonly bare: string;
  /** A folder whose git kills whoever started it. */
  readonly fault: string;
  readonly folder: string;
}

export function makeStage(): Stage {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'specstory-model-')));
  const [template, bare, fault] = ['template', 'bare.git', 'fault'].map((name) => path.join(folder, name));
  if (!template || !bare || !fault) throw new RangeError('no names');
  git('/', 'init', '--quiet', '--template=', '--initial-branch=main', template);
  git(template, 'config', 'user.name', 'A Developer');
  git(template, 'config', 'user.email', 'developer@example.org');
  git(template, 'commit', '--quiet', '--allow-empty', '--message=first');
  git('/', 'clone', '--quiet', '--bare', '--template=', template, bare);
  mkdirSync(path.join(bare, 'hooks'));
  mkdirSync(fault);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const script = [
    '#!/bin/sh',
    'for word; do',
    '  if [ "$word" = "$STRIKE_AT" ]; then',
    `    [ "$STRIKE" = after ] && '${real}' "$@"`,
    '    kill -9 $PPID; exit 1',
    '  fi',
    'done',
    `exec '${real}' "$@"`,
  ];
  writeFileSync(path.join(fault, 'git'), `${script.join('\n')}\n`, { mode: 0o755 });
  return { template, bare, fault, folder };
}

export function removeStage({ folder }: Stage): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
