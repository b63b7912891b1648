import { describe, expect, it } from 'vitest';
import { claudeHooks } from '../../src/adapters/claude/hooks.ts';
import { codexHooks } from '../../src/adapters/codex/hooks.ts';
import { cursorHooks } from '../../src/adapters/cursor/hooks.ts';
import { geminiHooks } from '../../src/adapters/gemini/hooks.ts';
import { memoryHost } from '../hosts/memory-host.ts';

const command = "[ ! -r '/opt/specstory/agent-hook' ] || sh '/opt/specstory/agent-hook' x";
const project = { roots: ['/home/dev/app', '/home/dev/link', '/home/dev/gone'] };
const host = memoryHost({
  home: '/home/dev',
  files: { '/home/dev/app/README.md': '', '/home/dev/link/README.md': '' },
  links: { '/home/dev/link': '/home/dev/app' },
});
const bare = memoryHost({ files: {} });

const agents = [
  {
    name: 'claude',
    hooks: claudeHooks,
    path: '/home/dev/app/.claude/settings.local.json',
    scope: 'project',
    events: ['Stop', 'SessionEnd', 'SubagentStop', 'PreCompact'],
  },
  {
    name: 'cursor',
    hooks: cursorHooks,
    path: '/home/dev/.cursor/hooks.json',
    scope: 'user',
    events: ['stop', 'sessionEnd', 'subagentStop', 'preCompact'],
  },
  {
    name: 'gemini',
    hooks: geminiHooks,
    path: '/home/dev/.gemini/settings.json',
    scope: 'user',
    events: ['AfterAgent', 'SessionEnd'],
  },
  {
    name: 'codex',
    hooks: codexHooks,
    path: '/home/dev/.codex/hooks.json',
    scope: 'user',
    events: ['Stop', 'SessionEnd', 'SubagentStop', 'PreCompact'],
  },
];

describe.each(agents)('the hooks of $name', ({ hooks, path, scope, events }) => {
  it('go into the one file that is the person\u2019s own', () => {
    expect(hooks(host, project, command).map((edit) => [edit.path, edit.scope])).toEqual([[path, scope]]);
    expect(hooks(bare, project, command)).toEqual([]);
  });

  it('call the command once per event, and leave nothing', () => {
    for (const edit of hooks(host, project, command)) {
      const made = edit.add(undefined);
      expect(Object.keys(JSON.parse(made).hooks)).toEqual(events);
      expect(made.split(JSON.stringify(command)).length - 1).toBe(events.length);
      expect(edit.add(made)).toBe(made);
      expect(edit.remove(made)).toBeUndefined();
    }
  });
});

it('follows the folders that Codex and Gemini were told to use', () => {
  const env = { CODEX_HOME: '/data/codex', GEMINI_CLI_HOME: '/data' };
  const moved = memoryHost({ home: '/home/dev', env, files: {} });
  expect(codexHooks(moved, project, command)[0]?.path).toBe('/data/codex/hooks.json');
  expect(geminiHooks(moved, project, command)[0]?.path).toBe('/data/.gemini/settings.json');
});

it('gives Cursor the version it asks for', () => {
  const [edit] = cursorHooks(host, project, command);
  expect(JSON.parse(edit?.add(undefined) ?? '')).toMatchObject({ version: 1, hooks: { stop: [{ command }] } });
});
