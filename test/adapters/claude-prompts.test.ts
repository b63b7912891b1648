import { describe, expect, it } from 'vitest';
import { claude } from '../../src/adapters/claude/index.ts';
import { exchangeId } from '../../src/core/ids.ts';
import { promptOf } from '../../src/core/session.ts';
import { exchangesIn, partsOf, Script, sessionName } from './claude-script.ts';

const prompts = (script: Script) => exchangesIn(script).map(({ messages }) => promptOf(messages));

describe('prompts', () => {
  it('has the id of its record, place and branch', () => {
    const script = new Script();
    const uuid = script.user('Fix it', { cwd: '/work/shop/web', gitBranch: 'fix' });
    expect(exchangesIn(script)).toMatchObject([
      { id: exchangeId(claude.id, { message: uuid }), cwd: '/work/shop/web', branch: 'fix' },
    ]);
  });

  it('drops what the program adds for the model', () => {
    const script = new Script();
    script.user([
      { type: 'text', text: '<ide_opened_file>The user opened a.ts</ide_opened_file>' },
      {
        type: 'text',
        text: '<system-reminder>\nbe brief\n</system-reminder>\nFix it\n<system-reminder>x</system-reminder>',
      },
    ]);
    script.user('<system-reminder>only this</system-reminder>');
    script.user('<system-reminder>never closed');
    script.user('injected', { isMeta: true });
    script.user([{ type: 'text', text: 'a skill' }], { sourceToolUseID: 'toolu_1' });
    expect(prompts(script)).toEqual(['Fix it']);
  });

  it('keeps pasted images as attachments', () => {
    const script = new Script();
    const source = { type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' };
    script.user([
      { type: 'image', source },
      { type: 'text', text: 'like this' },
    ]);
    expect(partsOf(exchangesIn(script)[0])).toMatchObject([
      { kind: 'text', text: 'like this' },
      { kind: 'attachment', mime: 'image/png', bytes: 5, sha256: expect.stringMatching(/^2cf24dba/) },
    ]);
  });

  it('takes words beside a tool result as part of the exchange', () => {
    const script = new Script();
    script.user('go');
    script.call('toolu_1', 'Bash', { command: 'ls' });
    script.user([
      { type: 'tool_result', tool_use_id: 'toolu_1', content: 'no', is_error: true },
      { type: 'text', text: 'use find' },
    ]);
    expect(exchangesIn(script)).toHaveLength(1);
    expect(exchangesIn(script)[0]?.messages.at(-1)).toMatchObject({ role: 'user', parts: [{ text: 'use find' }] });
  });

  it('notes interruptions and the messages of background tasks', () => {
    const script = new Script();
    script.user('go');
    script.user([{ type: 'text', text: '[Request interrupted by user for tool use]' }]);
    script.user('<task-notification>\n<task-id>b1</task-id>\n</task-notification>');
    script.user('From another agent', { origin: { kind: 'task-notification' } });
    expect(partsOf(exchangesIn(script)[0]).slice(1)).toMatchObject([
      { kind: 'note', label: 'interrupted' },
      { kind: 'note', label: 'info', text: expect.stringMatching(/task-id/) },
      { kind: 'note', label: 'info', text: 'From another agent' },
    ]);
  });

  it('finds the prompt that follows an interruption in the same record', () => {
    const script = new Script();
    script.user([
      { type: 'text', text: '[Request interrupted by user]' },
      { type: 'text', text: 'do it differently' },
    ]);
    expect(prompts(script)).toEqual(['do it differently']);
  });

  it('reads a session that begins in the middle', () => {
    const script = new Script();
    script.result('toolu_0', 'late');
    script.answer('msg_1', 'Going on');
    expect(partsOf(exchangesIn(script)[0])).toMatchObject([{ kind: 'tool_result' }, { text: 'Going on' }]);
  });
});

describe('commands', () => {
  const slash = (name: string, args = '') =>
    `<command-message>${name}</command-message>\n<command-name>/${name}</command-name>\n<command-args>${args}</command-args>`;

  it('opens an exchange when the agent answers', () => {
    const script = new Script();
    const uuid = script.user(slash('review', 'PR 12'));
    script.user([{ type: 'text', text: 'You are a reviewer …' }], { isMeta: true });
    script.answer('msg_1', 'Looking');
    const [exchange] = exchangesIn(script);
    expect(exchange?.id).toBe(exchangeId(claude.id, { message: uuid }));
    expect(partsOf(exchange)).toEqual([
      { kind: 'note', label: 'command', text: '/review PR 12' },
      { kind: 'text', text: 'Looking' },
    ]);
  });

  it('is a note where the program itself did it', () => {
    const script = new Script();
    script.user(slash('clear'));
    script.user('go');
    script.user('<local-command-caveat>Caveat: …</local-command-caveat>', { isMeta: true });
    script.user('<command-name>/model</command-name>\n            <command-message>model</command-message>');
    script.user('<local-command-stdout>Set model to \u001b[1mOpus\u001b[22m</local-command-stdout>');
    script.record({ type: 'system', subtype: 'local_command', content: '<command-name>/mcp</command-name>' });
    script.user('<bash-input>git pull</bash-input>');
    script.user('<bash-stdout>Already up to date.</bash-stdout><bash-stderr></bash-stderr>');
    script.user('next');
    expect(prompts(script)).toEqual(['go', 'next']);
    expect(partsOf(exchangesIn(script)[0]).slice(1)).toMatchObject([
      { label: 'command', text: '/model' },
      { label: 'info', text: 'Set model to Opus' },
      { label: 'command', text: '/mcp' },
      { label: 'command', text: '!git pull' },
      { label: 'info', text: 'Already up to date.' },
    ]);
  });

  it('shows a shell command of the person even before the first prompt', () => {
    const script = new Script();
    script.user('<bash-input>npm test</bash-input>');
    script.user('<bash-stdout>1 failed</bash-stdout>');
    script.user('why?');
    expect(prompts(script)).toEqual(['!npm test', 'why?']);
  });
});

describe('prompts typed while the agent works', () => {
  const queue = (operation: string, content?: string) => ({
    type: 'queue-operation',
    operation,
    content,
    timestamp: '2026-01-02T03:00:30.000Z',
    sessionId: sessionName,
  });

  it('comes as a user record when the turn is over', () => {
    const script = new Script();
    script.user('go');
    script.bare(queue('enqueue', 'and then')).bare(queue('dequeue'));
    script.user('and then');
    script.answer('msg_1', 'Yes');
    expect(prompts(script)).toEqual(['go', 'and then']);
  });

  it('has only its queue record in older versions when it was given in the middle of a turn', () => {
    const script = new Script();
    script.user('go');
    script.call('toolu_1', 'Bash', { command: 'ls' });
    script.bare(queue('enqueue', 'add a test')).bare(queue('enqueue', '/model'));
    script.bare(queue('remove')).bare(queue('remove'));
    script.result('toolu_1', 'a');
    script.answer('msg_toolu_1', 'still the same answer');
    script.answer('msg_2', 'Adding a test');
    const exchanges = exchangesIn(script);
    expect(prompts(script)).toEqual(['go', 'add a test']);
    expect(exchanges[1]?.startedAt).toBe('2026-01-02T03:00:30.000Z');
    expect(partsOf(exchanges[1])).toHaveLength(2);
  });

  it('is an attachment in newer versions', () => {
    const script = new Script();
    script.record({ type: 'attachment', attachment: { type: 'skill_listing' } });
    script.user('go');
    script.bare(queue('enqueue', 'and this?')).bare(queue('remove', 'and this?'));
    script.answer('msg_0', 'not yet an answer to it');
    const attachment = {
      type: 'queued_command',
      prompt: 'and this?',
      commandMode: 'prompt',
      origin: { kind: 'human' },
    };
    const uuid = script.record({ type: 'attachment', attachment });
    const task = {
      type: 'queued_command',
      prompt: '<task-notification>x</task-notification>',
      commandMode: 'task-notification',
    };
    script.record({ type: 'attachment', attachment: task });
    script.answer('msg_1', 'Yes');
    expect(prompts(script)).toEqual(['go', 'and this?']);
    expect(partsOf(exchangesIn(script)[0])).toHaveLength(2);
    expect(exchangesIn(script)[1]?.id).toBe(exchangeId(claude.id, { message: uuid }));
  });

  it('is forgotten when the person took it back', () => {
    const script = new Script();
    script.user('go');
    script.bare(queue('enqueue', 'never mind')).bare(queue('popAll')).bare(queue('remove'));
    script.answer('msg_1', 'Done');
    expect(prompts(script)).toEqual(['go']);
  });
});

describe('compaction', () => {
  it('is a note and opens nothing', () => {
    const script = new Script();
    script.user('go');
    script.answer('msg_1', 'One');
    script.record({
      type: 'system',
      subtype: 'compact_boundary',
      parentUuid: null,
      content: 'Conversation compacted',
      compactMetadata: { trigger: 'auto', preTokens: 155000 },
    });
    script.user('This session is being continued from a previous conversation that ran out of context. Summary: …', {
      isCompactSummary: true,
    });
    script.answer('msg_2', 'Two');
    script.user('next');
    expect(prompts(script)).toEqual(['go', 'next']);
    expect(exchangesIn(script).every(({ parent }) => parent === undefined)).toBe(true);
    expect(partsOf(exchangesIn(script)[0])).toMatchObject([
      { text: 'go' },
      { text: 'One' },
      { kind: 'note', label: 'compaction', text: 'Conversation compacted (auto, 155000 tokens)' },
      { kind: 'note', label: 'compaction', text: expect.stringMatching(/^This session is being continued/) },
      { text: 'Two' },
    ]);
  });
});
