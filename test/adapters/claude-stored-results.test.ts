import { describe, expect, it } from 'vitest';
import { claude } from '../../src/adapters/claude/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { limits } from '../../src/core/limits.ts';
import { memoryHost } from '../hosts/memory-host.ts';
import { folder, jsonLines, nameOf, partsOf, projectRoot, Script, sessionName, sessionsIn } from './claude-script.ts';

const saved = (path: string) =>
  `<persisted-output>\nOutput too large (42.8KB). Full output saved to: ${path}\n\nPreview (first 2KB):\nline 1\n...\n</persisted-output>`;
const at = (name: string, session = sessionName) => `${folder}/${session}/tool-results/${name}`;

/** The result that is shown for a call whose record has this content. */
function resultOf(content: unknown, files: Record<string, string>, twin?: unknown) {
  const script = new Script();
  script.user('list everything');
  script.call('toolu_1', 'Bash', { command: 'ls -R' });
  script.result('toolu_1', content, twin === undefined ? {} : { toolUseResult: twin });
  const [session] = sessionsIn(script.lines, files);
  return partsOf(session?.exchanges[0]).find((part) => part.kind === 'tool_result');
}

describe('results that were too large for the transcript', () => {
  it('are read from the folder of the session, wherever the transcript says it was', () => {
    const files = { [at('b1.txt')]: 'line 1\nline 2\n' };
    expect(resultOf(saved(at('b1.txt')), files)).toMatchObject({ text: 'line 1\nline 2\n', ok: true });
    const elsewhere = saved(`C:\\Users\\me\\.claude\\projects\\C--shop\\${sessionName}\\tool-results\\b1.txt`);
    expect(resultOf([{ type: 'text', text: elsewhere }], files)).toMatchObject({ text: 'line 1\nline 2\n' });
  });

  it('of a tool of a server are the texts of their blocks', () => {
    const said = `Error: result (90,000 characters) exceeds maximum allowed tokens. Output has been saved to ${at('mcp-1.json')}.\nFormat: JSON`;
    const blocks = [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ];
    expect(resultOf(said, { [at('mcp-1.json')]: JSON.stringify(blocks) })).toMatchObject({ text: 'one\ntwo' });
  });

  it('are cut at the limit of a part, and say by how much', () => {
    const files = { [at('b1.txt')]: 'ä'.repeat(limits.part + 5) };
    const result = resultOf(saved(at('b1.txt')), files);
    expect(result).toMatchObject({ elided: 5 });
    expect(result && 'text' in result && result.text.length).toBe(limits.part);
  });

  it('of a session that this one is a copy of are found beside it', () => {
    const other = nameOf(2);
    expect(resultOf(saved(at('b1.txt', other)), { [at('b1.txt', other)]: 'of the other' })).toMatchObject({
      text: 'of the other',
    });
  });

  it('are never looked for outside of the project, whatever the transcript names', () => {
    const notices = [
      '/etc/tool-results/shadow.txt',
      `${folder}/../../tool-results/x.txt`,
      `${folder}/${sessionName}/tool-results/../../../x.txt`,
      `${folder}/../tool-results/..txt`,
    ].map(saved);
    const files = { '/etc/tool-results/shadow.txt': 'secret', '/home/me/.claude/projects/x.txt': 'secret' };
    for (const notice of notices) expect(resultOf(notice, files)).toMatchObject({ text: notice });
    const quoted = `cat of a log:\n${saved(at('b1.txt'))}`;
    expect(resultOf(quoted, { [at('b1.txt')]: 'x' })).toMatchObject({ text: quoted });
  });

  it('are not read through a link that leads out of the project', () => {
    const script = new Script();
    script.user('list everything');
    script.call('toolu_1', 'Bash', { command: 'ls -R' });
    script.result('toolu_1', saved(at('b1.txt')));
    const read = (target: string) => {
      const files = { [`${folder}/${sessionName}.jsonl`]: jsonLines(script.lines), [at('b1.txt')]: 'content' };
      const host = memoryHost({ home: '/home/me', files, links: { [at('b1.txt')]: target } });
      const [source] = claude.find(host, { roots: [projectRoot] });
      const [session] = source ? readSource(claude, host, source) : [];
      return partsOf(session?.exchanges[0]).find((part) => part.kind === 'tool_result');
    };
    expect(read(at('b1.txt'))).toMatchObject({ text: 'content' });
    expect(read('/etc/shadow')).toMatchObject({ text: saved(at('b1.txt')) });
  });

  it('that are gone are shown as far as the transcript itself still has them', () => {
    const notice = saved(at('gone.txt'));
    const content = 'a.ts:1: x\n'.repeat(100);
    expect(resultOf(notice, {}, { mode: 'content', numFiles: 0, content })).toMatchObject({ text: content });
    const stdout = 'x'.repeat(500);
    const cut = resultOf(notice, {}, { stdout, stderr: '', persistedOutputSize: 600 });
    expect(cut).toMatchObject({ text: stdout, elided: 100 });
    expect(resultOf(notice, {})).toMatchObject({ text: notice });
  });
});
