import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A real repository and a home of its own, in a folder that goes with the test. */
export interface Scratch {
  readonly home: string;
  readonly repository: string;
  readonly env: NodeJS.ProcessEnv;
  git(...args: string[]): string;
  /** Writes a file below the home and gives its path. */
  plant(path: string, text: string): string;
  /** Writes a Claude Code transcript of this repository and gives its path. */
  plantClaude(session: string, text: string): string;
}

export function scratch(name = 'project'): Scratch {
  const made = makeScratch(name);
  onTestFinished(made.remove);
  return made;
}

/** One that several tests share; who makes it removes it. */
export function makeScratch(name: string): Scratch & { remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'specstory-test-')));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const home = join(folder, 'home');
  const repository = join(folder, name);
  mkdirSync(home);
  mkdirSync(repository);
  const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: repository, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'A Developer');
  git('config', 'user.email', 'developer@example.org');
  const plant = (path: string, text: string): string => {
    const file = join(home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const project = repository.replace(/[^A-Za-z0-9]/g, '-');
  const plantClaude = (session: string, text: string) => plant(`.claude/projects/${project}/${session}.jsonl`, text);
  return { home, repository, env, git, plant, plantClaude, remove };
}

/** Lines of a small, true Claude Code transcript: `turns` prompts with a shell call and an edit each. */
export function claudeTranscript(
  cwd: string,
  session: string,
  turns: number,
  say: (turn: number) => string = (turn) => `Do step ${turn}`,
): string[] {
  let parent: string | null = null;
  let clock = Date.UTC(2026, 10, 20, 9);
  const line = (uuid: string, fields: object): string => {
    clock += 1000;
    const envelope = {
      parentUuid: parent,
      isSidechain: false,
      userType: 'external',
      cwd,
      sessionId: session,
      version: '2.1.231',
      gitBranch: 'main',
    };
    parent = uuid;
    return `${JSON.stringify({ ...envelope, ...fields, uuid, timestamp: new Date(clock).toISOString() })}\n`;
  };
  const lines: string[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    const at = `${session}-${turn}`;
    const message = {
      id: `msg_${at}`,
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5',
      usage: { input_tokens: 5, output_tokens: 7 },
    };
    lines.push(
      line(`${at}-u`, { type: 'user', message: { role: 'user', content: say(turn) } }),
      line(`${at}-a`, {
        type: 'assistant',
        message: { ...message, content: [{ type: 'text', text: `Step ${turn} it is: ü – 😀` }] },
      }),
      line(`${at}-b`, {
        type: 'assistant',
        message: {
          ...message,
          content: [{ type: 'tool_use', id: `toolu_${at}`, name: 'Bash', input: { command: `echo ${turn}` } }],
        },
      }),
      line(`${at}-r`, {
        type: 'user',
        message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${at}`, content: `${turn}\n` }] },
        toolUseResult: { stdout: `${turn}\n`, stderr: '', interrupted: false },
      }),
      line(`${at}-e`, {
        type: 'assistant',
        message: {
          ...message,
          id: `msg_${at}_end`,
          content: [{ type: 'text', text: 'Done.' }],
          stop_reason: 'end_turn',
        },
      }),
    );
  }
  return lines;
}
