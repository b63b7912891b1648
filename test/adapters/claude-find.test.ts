import { describe, expect, it } from 'vitest';
import { claude } from '../../src/adapters/claude/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { memoryHost } from '../hosts/memory-host.ts';
import { bakery, folder, found, jsonLines, nameOf, projectRoot, Script, transcript } from './claude-script.ts';

const project = { roots: [projectRoot] };

describe('find', () => {
  const projects = '/home/me/.claude/projects';

  it('takes sub-directories and worktrees, and no neighbour whose folder is named alike', () => {
    const inside = {
      [`${folder}/${nameOf(1)}.jsonl`]: transcript('/work/shop', nameOf(1)),
      [`${folder}--claude-worktrees-fix/${nameOf(2)}.jsonl`]: transcript('/work/shop/.claude/worktrees/fix', nameOf(2)),
      [`${folder}-web/${nameOf(3)}.jsonl`]: transcript('/work/shop/web', nameOf(3)),
      [`${projects}/-tmp-tree/${nameOf(4)}.jsonl`]: transcript('/tmp/tree', nameOf(4)),
    };
    const outside = {
      [`${folder}/${nameOf(5)}.jsonl`]: transcript('/work-shop', nameOf(5)),
      [`${folder}-web/${nameOf(6)}.jsonl`]: transcript('/work/shop-web', nameOf(6)),
      [`${projects}/-work-shopping/${nameOf(7)}.jsonl`]: transcript('/work/shopping', nameOf(7)),
    };
    expect(found({ ...inside, ...outside }, ['/work/shop', '/tmp/tree']).sort()).toEqual(Object.keys(inside).sort());
  });

  it('takes sessions that the desktop app ran on this machine, wherever it keeps its data', () => {
    const below = ['Claude', 'local-agent-mode-sessions', 'org-1', 'account-1'];
    const posix = { sep: '/', root: '/work/shop' };
    const windows = { sep: '\\', root: 'C:\\work\\shop' };
    const data = [
      { ...posix, platform: 'linux' as const, home: '/home/me', at: '/home/me/.config' },
      { ...posix, platform: 'darwin' as const, home: '/Users/me', at: '/Users/me/Library/Application Support' },
      { ...windows, platform: 'win32' as const, home: 'C:\\me', at: 'C:\\me\\AppData\\Roaming' },
    ];
    for (const { platform, home, at, sep, root } of data) {
      const session = [at, ...below, `local_${nameOf(9)}`].join(sep);
      const encoded = root.replace(/[^A-Za-z0-9]/g, '-');
      const path = [session, '.claude', 'projects', encoded, `${nameOf(1)}.jsonl`].join(sep);
      const files = {
        [path]: transcript(root, nameOf(1)),
        [`${session}.json`]: '{}',
        [`${session}${sep}audit.jsonl`]: '',
      };
      const host = memoryHost({ platform, home, files });
      expect([...claude.find(host, { roots: [root] })].map((source) => source.path)).toEqual([path]);
    }
  });

  it('finds a root whose encoded name is cut', () => {
    const root = `/work/${'deep/'.repeat(50)}end`;
    const path = `${projects}/${root.replace(/[^A-Za-z0-9]/g, '-').slice(0, 200)}-1x2y3z/${nameOf(1)}.jsonl`;
    expect(found({ [path]: transcript(root, nameOf(1)) }, [root])).toEqual([path]);
  });

  it('looks past summaries, snapshots and long first records for the folder', () => {
    const script = new Script();
    for (let count = 0; count < 13; count++) script.bare({ type: 'summary', summary: 'x', leafUuid: `l-${count}` });
    script.bare({ type: 'file-history-snapshot', snapshot: 'y'.repeat(40_000) });
    script.user('go');
    const path = `${folder}/${nameOf(1)}.jsonl`;
    expect(found({ [path]: jsonLines(script.lines) })).toEqual([path]);
  });

  it('leaves out what holds no conversation and the agent’s forks for itself', () => {
    const files = {
      [`${folder}/${nameOf(1)}.jsonl`]: '',
      [`${folder}/${nameOf(2)}.jsonl`]: jsonLines([{ type: 'summary', summary: 'x', leafUuid: 'l-1' }]),
      [`${folder}/notes.md`]: 'x',
      [`${folder}/${nameOf(3)}.jsonl`]: transcript(projectRoot, nameOf(3)),
      [`${folder}/${nameOf(3)}/subagents/agent-acompact-1234.jsonl`]: transcript(projectRoot),
      [`${folder}/agent-aprompt_suggestion-1.jsonl`]: transcript(projectRoot),
      [`${folder}/${nameOf(3)}/tool-results/toolu_1.txt`]: 'x',
    };
    expect(found(files)).toEqual([`${folder}/${nameOf(3)}.jsonl`]);
  });

  it('looks into a transcript once when the caller remembers', () => {
    const paths = [`${folder}/${nameOf(1)}.jsonl`, `${folder}/${nameOf(2)}.jsonl`];
    const [ours = '', foreign = ''] = paths;
    const host = memoryHost({
      home: '/home/me',
      files: { [ours]: transcript(projectRoot, nameOf(1)), [foreign]: transcript('/work-shop', nameOf(2)) },
    });
    const known = new Map<string, boolean>();
    const first = [...claude.find(host, project, known)];
    expect(host.read).toEqual(paths);
    expect([...claude.find(host, project, known)]).toEqual(first);
    expect(host.read).toEqual(paths);
  });

  it('names folders that exist and folders to come', () => {
    const files = { [`${folder}-web/${nameOf(1)}.jsonl`]: transcript('/work/shop/web', nameOf(1)) };
    const host = memoryHost({ home: '/home/me', files });
    expect(claude.places(host, project)).toEqual([
      projects,
      '/home/me/.config/claude/projects',
      folder,
      '/home/me/.config/claude/projects/-work-shop',
      `${folder}-web`,
    ]);
  });
});

describe('open', () => {
  const opened = (path: string, content: string) => {
    const host = memoryHost({ files: { [path]: content } });
    return [...claude.open(host, path)].map((source) => readSource(claude, host, source)[0]?.meta);
  };

  it('knows a transcript under any name and place', () => {
    expect(opened('/tmp/x', bakery.transcript)).toMatchObject([{ id: bakery.session }]);
    expect(opened('/tmp/agent.txt', bakery.subAgent)).toMatchObject([
      { id: `${bakery.session}.a1b2c3d`, parent: bakery.session },
    ]);
    expect(
      opened('/tmp/bare', '{"type":"user","message":{"content":"hi"},"timestamp":"2025-01-01T12:00:00Z"}'),
    ).toMatchObject([{ id: 'bare' }]);
  });

  it('takes the session of a copy from the name when the records bear two', () => {
    const copy = transcript(projectRoot, nameOf(1)) + transcript(projectRoot, nameOf(2));
    expect(opened('/tmp/some', copy)).toMatchObject([{ id: nameOf(2) }]);
    expect(opened(`/tmp/backup-${nameOf(1)}.jsonl`, copy)).toMatchObject([{ id: nameOf(1) }]);
  });

  it('knows the export of a session on the web, and a transcript that is one list', () => {
    const lines = bakery.transcript.trim().split('\n');
    const records = lines.map((line): unknown => JSON.parse(line));
    const whole = JSON.stringify({ title: 'x', loglines: records });
    const listed = JSON.stringify(records, null, 2);
    const pretty = JSON.stringify({ loglines: records }, null, 2);
    const read = (content: string) => {
      const host = memoryHost({ files: { '/tmp/x': content } });
      return [...claude.open(host, '/tmp/x')].flatMap((source) => readSource(claude, host, source));
    };
    const session = read(bakery.transcript);
    expect(session).toMatchObject([{ meta: { id: bakery.session } }]);
    for (const content of [whole, pretty, listed]) expect(read(content)).toEqual(session);
    expect(read('{"loglines":[')).toEqual([]);
  });

  it('leaves the files of others alone', () => {
    const others: readonly unknown[] = [
      { type: 'session_meta', payload: { id: 'x' } },
      { type: 'user', uuid: 'x', sessionId: 'x', message: { role: 'user', parts: [{ text: 'Qwen' }] } },
      { role: 'user', message: { content: [{ type: 'text', text: 'Cursor' }] } },
      { type: 'user', session_id: 'x', message: { role: 'user', content: [] } },
      { type: 'user', id: 'x', content: [{ text: 'Gemini' }], timestamp: 'x' },
      { type: 'user', id: 'x', message: { role: 'user', content: 'nobody known' } },
      { type: 'message', id: 'x', message: { role: 'user', content: 'Droid' } },
      { v: 1, agent: 'claude-code', type: 'user', ts: 'x', id: 'x', content: [] },
      [{ type: 'user' }],
      7,
    ];
    for (const other of others) expect(opened('/tmp/x.jsonl', `${JSON.stringify(other)}\n`)).toEqual([]);
    expect(opened('/tmp/x.jsonl', 'x'.repeat(9 << 20))).toEqual([]);
    expect(opened('/tmp/x.jsonl', '')).toEqual([]);
    expect(opened('/tmp/x.jsonl', '# Notes\nnothing here\n')).toEqual([]);
  });
});
