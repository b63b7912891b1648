// The main job of git-specstory, from nothing, in a scratch repository that is removed afterwards:
// sample conversations are planted where the agents keep theirs, the repository is set up, code is committed through
// the installed hooks, and the history is printed.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const program = resolve(here, '../../dist/specstory.cjs');
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'specstory-demo-')));
const home = join(scratch, 'home');
const repository = join(scratch, 'greeting');
const env = {
  PATH: process.env.PATH,
  HOME: home,
  GIT_CONFIG_NOSYSTEM: '1',
  ...(process.env.TERM ? { TERM: process.env.TERM } : {}),
  GIT_PAGER: 'cat',
};

function run(command, args, { quiet = false } = {}) {
  if (!quiet)
    console.log(
      styleText(
        'bold',
        `\n$ ${[command === process.execPath ? 'specstory' : command, ...args.filter((arg) => arg !== program)].join(' ')}`,
      ),
    );
  const output = execFileSync(command, args, {
    cwd: repository,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!quiet) process.stdout.write(output);
  return output;
}
const git = (...args) => run('git', args);
const specstory = (...args) => run(process.execPath, [program, ...args]);
const say = (text) => console.log(styleText('dim', `\n# ${text}`));

// Assembled here, so that no file of ours holds anything that looks like a token.
const token = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0', 'K1l2M3n4O5p6Q7r8'].join('');

function sample(name) {
  const text = readFileSync(join(here, 'transcripts', name), 'utf8');
  return text.replaceAll('{{cwd}}', JSON.stringify(repository).slice(1, -1)).replaceAll('{{token}}', token);
}

function plant(path, text) {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, text);
}

const claude = join(
  '.claude/projects',
  repository.replace(/[^A-Za-z0-9]/g, '-'),
  '7d1f4a52-3c86-4f0b-9a7e-5b2c8d9e0f11.jsonl',
);
const codex = '.codex/sessions/2026/11/20/rollout-2026-11-20T09-10-00-019a9c11-5e2d-7b30-8f44-1c2d3e4f5a6b.jsonl';

/** The hooks capture in the background: wait until the history says what was asked for. */
async function until(text) {
  for (let tries = 0; tries < 200; tries++) {
    const log = run('git', ['log', '--format=%B', '--all', '--glob=refs/specstory/*'], { quiet: true });
    if (log.includes(text)) return;
    await sleep(50);
  }
  throw new Error(`the hooks did not capture within 10 seconds: ${text}`);
}

function expect(condition, what) {
  if (!condition) throw new Error(`demo: ${what}`);
  console.log(styleText('green', `✓ ${what}`));
}

async function demo() {
  mkdirSync(repository, { recursive: true });
  mkdirSync(home);
  say('A repository with a small fault in it.');
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'A Developer');
  git('config', 'user.email', 'developer@example.org');
  const source = join(repository, 'greeting.js');
  const first =
    'export function greeting(hour) {\n  if (hour < 14) return "Good morning";\n  return "Good afternoon";\n}\n';
  writeFileSync(source, first);
  writeFileSync(join(repository, 'package.json'), '{ "type": "module" }\n');
  git('add', '.');
  git('commit', '-qm', 'Greet people');

  say('Set up the history. This is all a person has to do.');
  specstory('init', '--yes');

  say('Work with Claude Code (its transcript is planted here), then commit as usual.');
  plant(claude, sample('claude-1.jsonl'));
  const second = first.replace('hour < 14', 'hour < 12');
  writeFileSync(source, second);
  git('commit', '-qam', 'End the morning at noon');
  await until('Exchanges: 1 (1 new)');

  say('The conversation goes on, and Codex writes a test.');
  plant(claude, sample('claude-2.jsonl'));
  plant(codex, sample('codex.jsonl'));
  writeFileSync(
    source,
    second.replace('  return "Good afternoon";', '  if (hour < 18) return "Good afternoon";\n  return "Good evening";'),
  );
  writeFileSync(join(repository, 'greeting.test.js'), '// written by Codex\n');
  git('add', '.');
  git('commit', '-qm', 'Greet in the evening, and test it');
  await until('Exchanges: 2 (1 new)');
  await until('codex: ');

  say('What was asked and done is history now.');
  git('log', '--format=%h %s%n    %b', '--stat=90', 'refs/specstory/history');
  specstory('list');
  specstory('show', '7d1f', '-e', '1');

  say('And nothing else changed.');
  expect(run('git', ['status', '--porcelain'], { quiet: true }) === '', 'the worktree is clean');
  expect(run('git', ['branch', '--list'], { quiet: true }).trim() === '* main', 'there is one branch, main');
  const objects = run('git', ['cat-file', '--batch-all-objects', '--batch', '--buffer'], { quiet: true });
  expect(!objects.includes(token), 'the token in the transcript is in no object');
  expect(objects.includes('[REDACTED:'), 'a placeholder stands in its place');
  specstory('uninit', '--yes');
  expect(!existsSync(join(repository, '.git/hooks/pre-commit')), 'uninit took the hooks away');
}

try {
  await demo();
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
