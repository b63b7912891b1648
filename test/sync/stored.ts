import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// What a server really has, counted by plain git on its repository and by SQL on its database: nothing of ours takes part.

export interface Stored {
  /** Object ids by ref. */
  readonly refs: Readonly<Record<string, string>>;
  /** `<writer> <path>` of every session and of every exchange in the repository, sorted. */
  readonly sessions: readonly string[];
  readonly exchanges: readonly string[];
  /** The same as the database has them; an exchange as `<writer> <path of its session> <ordinal>`. */
  readonly indexed: { readonly sessions: readonly string[]; readonly exchanges: readonly string[] };
  readonly rejections: number;
}

/** What the only project of a server has; nothing where there is none. Fails when the repository is not sound. */
export function storedBy(data: string): Stored {
  const [repository] = repositoriesOf(data);
  if (!repository) return { refs: {}, sessions: [], exchanges: [], indexed: indexedBy(data), rejections: 0 };
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' });
  git('fsck', '--strict', '--connectivity-only', '--no-dangling');
  const refs = Object.fromEntries(lines(git('for-each-ref', '--format=%(refname) %(objectname)')).map(pair));
  const histories = Object.keys(refs).filter((ref) => ref.endsWith('/history'));
  const paths = histories.flatMap((ref) => {
    const writer = ref.split('/')[3] ?? '';
    return lines(git('ls-tree', '-r', '--name-only', ref)).map((path) => `${writer} ${path}`);
  });
  return {
    refs,
    sessions: paths.filter((path) => path.endsWith('/session.md')).map((path) => path.slice(0, -'/session.md'.length)),
    exchanges: paths.filter((path) => path.includes('/exchanges/')),
    indexed: indexedBy(data),
    rejections: query(data, 'SELECT path FROM rejections').length,
  };
}

/** The bare repositories of a server. */
export function repositoriesOf(data: string): string[] {
  const folder = join(data, 'repositories');
  if (!existsSync(folder)) return [];
  const firsts = readdirSync(folder).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return firsts.flatMap((first) => readdirSync(join(folder, first)).map((name) => join(folder, first, name)));
}

function indexedBy(data: string): Stored['indexed'] {
  const sessions = query(data, 'SELECT writer, path FROM sessions');
  const exchanges = query(
    data,
    'SELECT e.writer, s.path, e.ordinal FROM exchanges e JOIN sessions s USING (project, session, writer)',
  );
  return {
    sessions: sessions.map(({ writer, path }) => `${writer} ${path}`).sort(),
    exchanges: exchanges.map(({ writer, path, ordinal }) => `${writer} ${path} ${ordinal}`).sort(),
  };
}

type Rows = Record<string, string | number>[];
interface Connection {
  prepare(sql: string): { all(): Rows };
  close(): void;
}

function query(data: string, sql: string): Rows {
  const Connect: new (file: string) => Connection = createRequire(import.meta.url)('libsql');
  const connection = new Connect(join(data, 'index.sqlite'));
  try {
    return connection.prepare(sql).all();
  } finally {
    connection.close();
  }
}

const lines = (text: string): string[] => text.split('\n').filter(Boolean);
const pair = (line: string): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? ''];
