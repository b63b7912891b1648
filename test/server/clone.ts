import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { git, temporaryFolder } from '../git/repositories.ts';

const writerA = 'aaaaaaaaaaaaaaaa';
export const writerB = 'bbbbbbbbbbbbbbbb';

/** Files of a commit by path. */
export type Files = Readonly<Record<string, string>>;

export interface Pushed {
  readonly code: number;
  readonly out: string;
}

/** A bare repository of plumbing only, whose commits hold whatever a test wants, and that pushes with plain git. */
export class Clone {
  readonly folder = path.join(temporaryFolder(), 'clone.git');
  readonly writer: string;
  private clock = 1_767_323_045;

  constructor(writer = writerA) {
    this.writer = writer;
    git('/', 'init', '--quiet', '--bare', this.folder);
  }

  git(...args: string[]): string {
    return git(this.folder, ...args);
  }

  input(text: string | Buffer, ...args: string[]): string {
    return execFileSync('git', ['-C', this.folder, ...args], { input: text, encoding: 'utf8' }).trim();
  }

  blob(text: string): string {
    return this.input(text, 'hash-object', '-w', '--stdin');
  }

  /** A tree object with these bytes, whatever git thinks of it. */
  rawTree(...entries: readonly (readonly [mode: string, name: string, oid: string])[]): string {
    const bytes = entries.map(([mode, name, oid]) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
    );
    return this.input(Buffer.concat(bytes), 'hash-object', '-w', '-t', 'tree', '--literally', '--stdin');
  }

  get marker(): string {
    return `{"format":1,"writer":"${this.writer}"}\n`;
  }

  /** A commit with files (and the marker) on top of a parent; gives its id. A file that is `''` is taken away. */
  commit(files: Files, parent?: string): string {
    const lines = [
      'commit refs/heads/scratch',
      `committer A Developer <developer@example.org> ${this.clock++} +0000`,
      'data 1',
      'x',
      ...(parent ? [`from ${parent}`] : []),
      ...[...Object.entries({ 'specstory.json': this.marker, ...files })].flatMap(([name, text]) =>
        text === '' ? [`D ${name}`] : [`M 100644 inline ${name}`, `data ${Buffer.byteLength(text)}`, text],
      ),
      '',
    ];
    this.input(lines.join('\n'), 'fast-import', '--quiet', '--force');
    return this.git('rev-parse', 'refs/heads/scratch');
  }

  /** A commit of a tree object. */
  commitTree(tree: string, parent?: string): string {
    return this.git('commit-tree', tree, ...(parent ? ['-p', parent] : []), '-m', 'x');
  }

  ref(kind: 'history' | 'raw' = 'history'): string {
    return `refs/specstory/writers/${this.writer}/${kind}`;
  }

  /** Pushes with plain git; never fails. */
  push(url: string, token: string, refspecs: readonly string[], options: readonly string[] = []): Promise<Pushed> {
    return this.run(['push', ...options, url, ...refspecs], token);
  }

  /** Runs git with a token. */
  run(args: readonly string[], token: string, config: readonly string[] = []): Promise<Pushed> {
    const settings = [`http.extraHeader=Authorization: Bearer ${token}`, ...config].flatMap((setting) => [
      '-c',
      setting,
    ]);
    return new Promise((resolve) => {
      const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
      execFile('git', ['-C', this.folder, ...settings, ...args], { env, maxBuffer: 1 << 28 }, (error, out, err) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, out: `${out}${err}` });
      });
    });
  }

  /** Writes a file of the clone's folder. */
  plant(name: string, text: string): void {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
