import { describe, expect, it } from 'vitest';
import { exchangesIn, partsOf, projectRoot, Script, sessionName, sessionsIn } from './claude-script.ts';

describe('titles', () => {
  it("takes a person's before the agent's before a summary of this conversation's last record", () => {
    const script = new Script();
    const titleNow = () => sessionsIn(script.lines)[0]?.meta.title;
    script.bare({ type: 'summary', summary: 'Somebody else’s', leafUuid: '99999999-0000-4000-8000-000000000001' });
    script.bare({ type: 'summary', summary: 'Ahead', leafUuid: '00000000-0000-4000-8000-000000000001' });
    expect(titleNow()).toBeUndefined();
    const leaf = script.user('go');
    expect(titleNow()).toBe('Ahead');
    script.bare({ type: 'summary', summary: 'Going', leafUuid: leaf });
    expect(titleNow()).toBe('Going');
    script.bare({ type: 'ai-title', aiTitle: 'The going', sessionId: sessionName });
    script.bare({ type: 'custom-title', customTitle: 'My going', sessionId: sessionName });
    script.bare({ type: 'ai-title', aiTitle: 'Later', sessionId: sessionName });
    expect(titleNow()).toBe('My going');
  });
});

describe('what is known of a session', () => {
  it('has version, place, branch, origin and times', () => {
    const script = new Script({ entrypoint: 'claude-vscode' });
    script.user('go');
    script.answer('msg_1', 'One', { gitBranch: 'fix', version: '2.1.30', cwd: '/work/shop/web' });
    script.answer('msg_2', 'Two', { gitBranch: 'HEAD' });
    expect(sessionsIn(script.lines)[0]?.meta).toEqual({
      id: sessionName,
      agent: 'claude',
      agentVersion: '2.1.29',
      cwd: projectRoot,
      branch: 'fix',
      origin: 'claude-vscode',
      createdAt: '2026-01-02T03:00:01.000Z',
      updatedAt: '2026-01-02T03:00:03.000Z',
    });
  });

  it('counts what it does not know and skips what it knows to be nothing', () => {
    const script = new Script();
    script.user('go');
    script.bare({ type: 'file-history-snapshot', messageId: 'x' }).bare({ type: 'hologram' }).bare({ no: 'type' });
    script.record({ type: 'attachment', attachment: { type: 'total_tokens_reminder' } });
    script.record({ type: 'attachment', attachment: { type: 'smell' } });
    script.record({ type: 'system', subtype: 'turn_duration' });
    script.record({ type: 'system', subtype: 'earthquake' });
    script.answer('msg_1', { type: 'dream' });
    expect(sessionsIn(script.lines)[0]?.meta.unknown).toEqual({
      '(none)': 1,
      'attachment smell': 1,
      'block dream': 1,
      hologram: 1,
      'system earthquake': 1,
    });
  });

  it('says what ended a turn, not every try', () => {
    const script = new Script();
    script.user('go');
    const error = { status: 529, error: { error: { message: 'Overloaded' } } };
    script.record({ type: 'system', subtype: 'api_error', error, retryAttempt: 1, maxRetries: 10 });
    script.record({ type: 'system', subtype: 'api_error', error, retryAttempt: 10, maxRetries: 10 });
    expect(partsOf(exchangesIn(script)[0]).slice(1)).toEqual([{ kind: 'note', label: 'error', text: 'Overloaded' }]);
  });
});
