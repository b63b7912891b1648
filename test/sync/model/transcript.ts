import type { Turn } from './model.ts';

/** A Claude Code transcript of these exchanges. Steps of an answer are two texts of one message, a call, and its result, over and over. */
export function transcript(cwd: string, session: string, turns: readonly Turn[]): string {
  let parent: string | null = null;
  const line = (uuid: string, at: number, fields: object): string => {
    const base = { parentUuid: parent, isSidechain: false, userType: 'external', cwd, sessionId: session };
    parent = uuid;
    const timestamp = new Date(at).toISOString();
    return `${JSON.stringify({ ...base, version: '2.1.231', gitBranch: 'main', ...fields, uuid, timestamp })}\n`;
  };
  const lines = turns.map(({ name, at, answer }) => {
    const prompt = line(uuidOf(name), at, { type: 'user', message: { role: 'user', content: name } });
    return (
      prompt +
      answer.map((step, index) => line(`${name} ${step}`, at + 1 + index, fieldsOf(name, step, index))).join('')
    );
  });
  return lines.join('');
}

/** The agent's own id of the message that opens an exchange. */
export function uuidOf(name: string): string {
  return `${name}-u`;
}

function fieldsOf(name: string, step: string, index: number): object {
  const [round, kind] = [Math.floor(index / 4), index % 4];
  const call = `toolu_${name}_${round}`;
  if (kind === 3) {
    const content = [{ tool_use_id: call, type: 'tool_result', content: step }];
    return {
      type: 'user',
      message: { role: 'user', content },
      toolUseResult: { stdout: step, stderr: '', interrupted: false },
    };
  }
  const usage = { input_tokens: 5, output_tokens: index };
  const message = {
    id: `msg_${name}_${round}_${kind === 2 ? 'call' : 'text'}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    usage,
  };
  const tool = { type: 'tool_use', id: call, name: 'Bash', input: { command: step } };
  return { type: 'assistant', message: { ...message, content: [kind === 2 ? tool : { type: 'text', text: step }] } };
}
