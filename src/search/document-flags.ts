import type { Exchange, Part, ToolCall, ToolResult } from '../core/session.ts';
import { promptOf } from '../core/session.ts';
import { commandOf } from './document-texts.ts';

/** What an exchange can be asked for with `has:`; `flagsOf` says how each is told. */
export const flags = [
  'error',
  'test',
  'failing-test',
  'commit',
  'image',
  'correction',
  'secret',
  'question',
  'subagent',
  'plan',
] as const;
export type Flag = (typeof flags)[number];

/** A command that was run, and what came of it. */
export interface Ran {
  readonly command: string;
  /** Absent when nothing came back. */
  readonly result: ToolResult | undefined;
}

/** Every command of an exchange, with the result that answers it. */
export function commandsOf(exchange: Exchange): Ran[] {
  const parts = exchange.messages.flatMap((message) => message.parts);
  const results = new Map<string, ToolResult>();
  for (const part of parts) {
    if (part.kind === 'tool_result' && part.call !== undefined && !results.has(part.call)) results.set(part.call, part);
  }
  return parts.flatMap((part, index): Ran[] => {
    if (part.kind !== 'tool_call') return [];
    const command = commandOf(part);
    return command === undefined ? [] : [{ command, result: resultOf(part, parts[index + 1], results) }];
  });
}

/** A call without an id is answered by what stands behind it. */
function resultOf({ id }: ToolCall, next: Part | undefined, byCall: ReadonlyMap<string, ToolResult>) {
  if (id !== undefined) return byCall.get(id);
  return next?.kind === 'tool_result' && next.call === undefined ? next : undefined;
}

/** Programs that run tests, as the first words of a command or behind `&&`, `;`, `|`, `npx` and the like. */
const testCommand =
  /(?:^|[;&|\n(]|\b(?:npx|bunx|uv run|poetry run|bundle exec|sudo|time))\s*(?:[A-Z_]+=\S+\s+)*(?:(?:npm|pnpm|yarn|bun)(?: run)? test|(?:pnpm |yarn |python3? -m )?(?:vitest|jest|mocha|ava|pytest|unittest|tox|nox|rspec|phpunit|playwright test|cypress run)|(?:go|cargo|dotnet|mix|swift|deno|flutter|dart|zig build|sbt|make|just|rake|gradle|\.\/gradlew|mvn) (?:\S+ )*?(?:test|nextest|check)|node --test|ctest)\b/;

const commitCommand = /\bgit\b(?:\s+-\S+(?:\s+\S+)?)*\s+commit\b/;

/** Words by which a person takes back what was just done. */
const correction =
  /^\s*(?:no\b(?!\s+(?:problem|worries|need))|nope\b|not (?:that|what|quite)\b|wrong\b|that(?:'s| is) (?:not|wrong)\b|stop\b|undo\b|revert\b|don'?t\b|do not\b|actually,|i (?:said|meant|asked)\b|instead\b|why did you\b)/i;

const asking = new Set(['askuserquestion', 'askquestion', 'askuser', 'requestuserinput', 'askfollowupquestion']);
const planning = new Set([
  'exitplanmode',
  'enterplanmode',
  'updateplan',
  'createplan',
  'todowrite',
  'writetodos',
  'managetodolist',
]);
const delegating = new Set(['task', 'taskv2', 'agent', 'spawnagent', 'runsubagent', 'delegatetoagent', 'delegatetask']);

const plainName = ({ name }: ToolCall): string => name.toLowerCase().replace(/[_-]/g, '');

/**
 * What can be told of an exchange from its records alone:
 * - `error`: a tool failed, or the agent noted an error.
 * - `test`: a command ran tests (by its words); `failing-test`: one of those failed.
 * - `commit`: `git commit` ran and did not fail.
 * - `image`: an image was attached. `secret`: a secret was taken out of it.
 * - `question`: the agent asked with its tool for that, or ended with a question mark.
 * - `subagent`: it started another session, or called the tool for that. `plan`: it wrote a plan or a list of what is to do.
 * - `correction`: the prompt begins with words that take something back and is not the session's first, or the person refused or changed an edit.
 */
export function flagsOf(exchange: Exchange, ordinal: number, commands: readonly Ran[]): Flag[] {
  const parts = exchange.messages.flatMap((message) => message.parts);
  const calls = parts.filter((part) => part.kind === 'tool_call');
  const results = parts.filter((part) => part.kind === 'tool_result');
  const tests = commands.filter(({ command }) => testCommand.test(command));
  const has: Record<Flag, boolean> = {
    error: results.some(({ ok }) => !ok) || parts.some((part) => part.kind === 'note' && part.label === 'error'),
    test: tests.length > 0,
    'failing-test': tests.some(({ result }) => result?.ok === false),
    commit: commands.some(({ command, result }) => commitCommand.test(command) && result?.ok !== false),
    image: parts.some((part) => part.kind === 'attachment' && part.mime?.startsWith('image/')),
    correction: isCorrection(exchange, ordinal, parts),
    secret: parts.some((part) => 'text' in part && part.text.includes('[REDACTED:')),
    question: calls.some((call) => asking.has(plainName(call))) || endsWithQuestion(exchange),
    subagent:
      results.some(({ session }) => session !== undefined) || calls.some((call) => delegating.has(plainName(call))),
    plan: calls.some((call) => planning.has(plainName(call))),
  };
  return Object.entries(has).flatMap(([flag, is]) => (is && isFlag(flag, has) ? [flag] : []));
}

function isFlag(name: string, has: Record<Flag, boolean>): name is Flag {
  return Object.hasOwn(has, name);
}

function isCorrection({ messages }: Exchange, ordinal: number, parts: readonly Part[]): boolean {
  const edits = parts.flatMap((part) =>
    part.kind === 'tool_call' || part.kind === 'tool_result' ? (part.edits ?? []) : [],
  );
  if (edits.some(({ rejected, userModified }) => rejected || userModified)) return true;
  return ordinal > 1 && correction.test(promptOf(messages).slice(0, 200));
}

function endsWithQuestion({ messages }: Exchange): boolean {
  const last = messages.at(-1);
  const text = last?.role === 'agent' ? last.parts.findLast((part) => part.kind === 'text') : undefined;
  return text?.text.trimEnd().endsWith('?') ?? false;
}
