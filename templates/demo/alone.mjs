import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, say, secret } from './stage.mjs';

const first =
  'export function greeting(hour) {\n  if (hour < 14) return "Good morning";\n  return "Good afternoon";\n}\n';

/** One person, one repository: set up, work with an agent, commit, and the history is there. */
export async function alone(ann, code) {
  say('A repository with a small fault in it.');
  ann.git('init', '-q', '-b', 'main');
  ann.git('config', 'user.name', 'Ann');
  ann.git('config', 'user.email', 'ann@example.org');
  const source = join(ann.repository, 'greeting.js');
  writeFileSync(source, first);
  writeFileSync(join(ann.repository, 'package.json'), '{ "type": "module" }\n');
  ann.git('add', '.');
  ann.git('commit', '-qm', 'Greet people');

  say('Set up the history. This is all a person has to do.');
  ann.specstory('init', '--yes');

  say('Work with Claude Code (its transcript is planted here), then commit as usual.');
  ann.plant('claude-1.jsonl');
  const second = first.replace('hour < 14', 'hour < 12');
  writeFileSync(source, second);
  ann.git('commit', '-qam', 'End the morning at noon');
  await ann.until('Exchanges: 1 (1 new)');

  say('The conversation goes on.');
  ann.plant('claude-2.jsonl');
  const evening = '  if (hour < 18) return "Good afternoon";\n  return "Good evening";';
  writeFileSync(source, second.replace('  return "Good afternoon";', evening));
  ann.git('commit', '-qam', 'Greet in the evening');
  await ann.until('Exchanges: 2 (1 new)');

  say('What was asked and done is history now.');
  ann.git('log', '--format=%h %s%n    %b', '--stat=90', 'refs/specstory/history');
  ann.specstory('list');
  ann.specstory('show', '7d1f', '-e', '1');

  say('And nothing else changed.');
  const quietly = (...args) => ann.run('git', args, { quiet: true });
  expect(quietly('status', '--porcelain') === '', 'the worktree is clean');
  expect(quietly('branch', '--list').trim() === '* main', 'there is one branch, main');
  const objects = quietly('cat-file', '--batch-all-objects', '--batch', '--buffer');
  expect(!objects.includes(secret), 'the token in the transcript is in no object');
  expect(objects.includes('[REDACTED:'), 'a placeholder stands in its place');

  quietly('init', '-q', '--bare', '-b', 'main', code);
  quietly('remote', 'add', 'origin', code);
  quietly('push', '-q', 'origin', 'main');
}
