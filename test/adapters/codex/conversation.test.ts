import { describe, expect, it } from 'vitest';
import { codex } from '../../../src/adapters/codex/index.ts';
import { exchangeId } from '../../../src/core/ids.ts';
import { event, item, lines, meta, parts, prompts, readFile, said, texts, user } from './rollouts.ts';

describe('the two logs of a conversation', () => {
  it('takes prompts of the model’s log when no event tells them', () => {
    const session = readFile(
      lines(
        meta(),
        user('<environment_context>\n<cwd>/x</cwd>\n</environment_context>'),
        user('one'),
        said('1'),
        user('two'),
        user('three'),
        said('3'),
        user('four'),
      ),
    );
    expect(prompts(session)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('takes a user message for injected when a file with turns tells prompts by events', () => {
    const turn = '019cadc6-ae08-7111-8111-000000000001';
    const session = readFile(
      lines(
        meta(),
        event('task_started', { turn_id: turn }),
        user('unknown context'),
        user('one'),
        event('user_message', { message: 'one' }),
        said('1'),
        user('more context'),
        said('2'),
        event('user_message', { message: 'steer' }),
        user('steer'),
        said('3'),
      ),
    );
    expect(prompts(session)).toEqual(['one', 'steer']);
    expect(session.exchanges[1]?.id).toBe(exchangeId(codex.id, { message: `${turn}#1` }));
    expect(texts(session)).toEqual(['one', '1', '2', 'steer', '3']);
  });

  it('takes a prompt once that is told by both kinds of event', () => {
    const both = [
      event('user_message', { message: 'one' }),
      event('item_completed', { item: { type: 'UserMessage', id: 'u', content: [{ type: 'text', text: 'one' }] } }),
    ];
    expect(prompts(readFile(lines(meta(), ...both, said('1'), both[1], both[0], said('2'))))).toEqual(['one', 'one']);
  });

  it('keeps two prompts apart when their turn is named again after its end', () => {
    const turn = { turn_id: '019cadc6-ae08-7111-8111-000000000001' };
    const ask = [event('task_started', turn), event('user_message', { message: 'go on' }), said('a')];
    const session = readFile(lines(meta(), ...ask, event('task_complete', turn), ...ask));
    expect(session.exchanges).toHaveLength(2);
  });

  it('takes answers of events only where no item tells them', () => {
    const told = (message: string) => event('agent_message', { message });
    const asked = event('user_message', { message: 'q' });
    expect(texts(readFile(lines(meta(), asked, told('a'), said('a'), told('b'), said('b'))))).toEqual(['q', 'a', 'b']);
    expect(texts(readFile(lines(meta(), asked, said('a'), told('a'), said('b'), told('b'))))).toEqual(['q', 'a', 'b']);
    expect(texts(readFile(lines(meta(), asked, told('a'), told('b'))))).toEqual(['q', 'a', 'b']);
  });

  it.each([
    '# AGENTS.md instructions for /x\n\n<INSTRUCTIONS>\n…\n</INSTRUCTIONS>',
    '<user_instructions>x</user_instructions>',
    '<skill>\n<name>x</name>\n</skill>',
    '<subagent_notification>{}</subagent_notification>',
    '<codex_internal_context source="goal">x</codex_internal_context>',
    'Another language model started to solve this problem and …',
    'Warning: apply_patch was requested via exec_command. Use the apply_patch tool instead of exec_command.',
  ])('does not take %j for a prompt', (text) => {
    expect(prompts(readFile(lines(meta(), user(text), user('real'), said('a'))))).toEqual(['real']);
  });

  it.each([
    ['<div>why is this red?</div>', '<div>why is this red?</div>'],
    ['# Context from my IDE setup:\n\n## Open tabs:\n- a.ts\n\n## My request for Codex:\nfix it\n', 'fix it\n'],
    ['# Context from my IDE setup: what is that?', '# Context from my IDE setup: what is that?'],
    ['\n# Files mentioned by the user:\n\n## a.txt: /tmp/a.txt\n\n## My request for Codex:\nread', 'read'],
  ])('reads the prompt in %j', (message, prompt) => {
    expect(prompts(readFile(lines(meta(), event('user_message', { message }))))).toEqual([prompt]);
  });

  it('shows what a person did without a prompt as a command', () => {
    const shell = '<user_shell_command>\n<command>\nls x\n</command>\n<result>\nExit code: 2\nDuration: 0.1 seconds\n';
    const session = readFile(
      lines(
        meta(),
        user(`${shell}Output:\nls: x: no such file\n</result>\n</user_shell_command>`),
        event('entered_review_mode', { target: { type: 'baseBranch', branch: 'main' } }),
        event('exited_review_mode', {
          review_output: {
            findings: [
              {
                title: 'Off by one',
                body: 'The last line is lost.',
                code_location: { absolute_file_path: '/x/a.ts', line_range: { start: 3, end: 4 } },
              },
            ],
            overall_explanation: 'One bug.',
          },
        }),
        item('message', { id: 'review_rollout_assistant', role: 'assistant', content: [{ text: 'One bug. …' }] }),
      ),
    );
    expect(prompts(session)).toEqual(['!ls x', '/review main']);
    expect(parts(session)).toContainEqual({ kind: 'tool_result', ok: false, text: 'exit code 2\nls: x: no such file' });
    expect(texts(session)).toEqual(['One bug.\n\nOff by one — /x/a.ts:3-4\nThe last line is lost.']);
  });
});
