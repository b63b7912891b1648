import { execFile, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { deleteFromHistory } from '../../../src/client/annotate/delete.ts';
import { setHidden, setTags, setTitle } from '../../../src/client/annotate/label.ts';
import { capture } from '../../../src/client/capture/capture.ts';
import { type Context, openContext } from '../../../src/client/context.ts';
import { withHistory } from '../../../src/client/history/open-history.ts';
import { readWhole } from '../../../src/client/history/query.ts';
import { parseTarget } from '../../../src/client/remote/target.ts';
import { fetchAll } from '../../../src/client/sync/fetch.ts';
import { push } from '../../../src/client/sync/push.ts';
import { standingOf } from '../../../src/client/sync/standing.ts';
import { sync } from '../../../src/client/sync/sync.ts';
import { isWriterId, type WriterId } from '../../../src/core/ids.ts';
import { type Exchange, promptOf } from '../../../src/core/session.ts';
import { tips } from '../../../src/git/read.ts';
import { renderDocument } from '../../../src/markdown/document.ts';
import { git } from '../../git/repositories.ts';
import type { Label, SeenSession, Turn } from './model.ts';
import type { Action, Crash } from './operations.ts';
import { transcript } from './transcript.ts';

type Named = Extract<Action, { do: 'label' }>['target'];

const run = promisify(execFile);

/** A writer's id from its number in the model. */
export function writerOf(index: number): WriterId {
  const text = String(index).padStart(16, '0');
  if (!isWriterId(text)) throw new Error(text);
  return text;
}

/** A clone of the project on a machine of its own, with the real program. */
export class Clone {
  readonly writer: WriterId;
  readonly repository: string;
  private readonly home: string;
  private readonly url: string;
  private context: Context | undefined;

  constructor(folder: string, index: number, template: string, url: string) {
    this.writer = writerOf(index);
    this.home = path.join(folder, `home-${index}`);
    this.repository = path.join(folder, `clone-${index}`);
    this.url = url;
    mkdirSync(this.home, { recursive: true });
    cpSync(template, this.repository, { recursive: true });
    const remote = [`url = ${url}`, `specstory = ${url}`, 'specstoryAudience = unknown', 'tagOpt = --no-tags'];
    const refspec = 'fetch = +refs/specstory/writers/*:refs/specstory/remotes/origin/*';
    const signedIn = '[http]\n\textraHeader = Authorization: Bearer ann\n';
    const config = `${signedIn}[remote "origin"]\n${[...remote, refspec].map((line) => `\t${line}\n`).join('')}`;
    appendFileSync(path.join(this.repository, '.git', 'config'), config);
    mkdirSync(this.place(''), { recursive: true });
    writeFileSync(this.place('writer'), `${this.writer}\n`);
  }

  write(session: string, turns: readonly Turn[], now: number): void {
    const folder = path.join(this.home, '.claude', 'projects', this.repository.replace(/[^A-Za-z0-9]/g, '-'));
    const file = path.join(folder, `${session}.jsonl`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, transcript(this.repository, session, turns));
    utimesSync(file, now / 1000, now / 1000);
  }

  async capture(during: 'gc' | undefined): Promise<void> {
    const context = await this.open();
    const [report] = await Promise.all([capture(context), during && this.gc()]);
    expect(report).toMatchObject({ failed: [], withheld: 0 });
    expect(report.mended).toBeUndefined();
  }

  async label({ session, number }: Named, label: Label): Promise<void> {
    const named = { session, ...(number === undefined ? {} : { exchanges: [`${number}`] }) };
    const context = await this.open();
    if (label.kind === 'title') await setTitle(context, named, label.value ?? undefined);
    if (label.kind === 'hidden') await setHidden(context, named, label.value);
    const [add, remove] = label.kind !== 'tag' ? [[], []] : label.value ? [[label.tag], []] : [[], [label.tag]];
    if (label.kind === 'tag') await setTags(context, named, { add, remove });
  }

  async delete({ session, number }: Named): Promise<void> {
    await deleteFromHistory(await this.open(), {
      session,
      ...(number === undefined ? {} : { exchanges: [`${number}`] }),
    });
  }

  /** Does it with the built program in a process that is killed on the way. */
  crash(action: Extract<Action, { crash?: unknown }>, crash: Crash, fault: string): void {
    const [when = '', command = ''] = crash.split(' ');
    const args = action.do === 'capture' ? ['capture'] : argumentsOf(action);
    const program = path.resolve('dist/specstory.cjs');
    const env = {
      HOME: this.home,
      GIT_CONFIG_NOSYSTEM: '1',
      PATH: `${fault}:${process.env.PATH}`,
      STRIKE: when,
      STRIKE_AT: command,
    };
    const { signal, status, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: this.repository,
      env,
      encoding: 'utf8',
    });
    // Where there was nothing to write, no such git was started.
    if (signal !== 'SIGKILL') expect({ status, stderr }).toMatchObject({ status: 0 });
  }

  async push(): Promise<string> {
    const context = await this.open();
    const standing = standingOf(await tips(context.repository), 'origin', this.writer);
    if (standing.history.here === standing.history.there && standing.raw.here === standing.raw.there) return 'nothing';
    const { outcome } = await push(context, {
      remote: this.remote(),
      writer: this.writer,
      standing,
      mayGoOn: async () => true,
    });
    return outcome;
  }

  /** Fetches; the tracking ref of a writer may be locked, as a git leaves it that was killed. */
  async fetch(locked: number | undefined): Promise<string> {
    const context = await this.open();
    const lock =
      locked === undefined
        ? ''
        : path.join(this.repository, '.git/refs/specstory/remotes/origin', writerOf(locked), 'history.lock');
    if (lock !== '') mkdirSync(path.dirname(lock), { recursive: true });
    if (lock !== '') writeFileSync(lock, '');
    const where = { remote: this.remote(), writer: this.writer };
    const { outcome } = await fetchAll(context, where, await tips(context.repository));
    if (lock !== '') rmSync(lock);
    return outcome;
  }

  async sync(): Promise<void> {
    const env = this.env();
    const report = await sync(await this.open(), { cwd: this.repository, env, agree: async () => true });
    expect(report.remotes).toMatchObject([{ fetch: { outcome: 'ok' } }]);
    expect(['ok', 'nothing']).toContain(report.remotes[0]?.push.outcome);
  }

  async gc(): Promise<void> {
    await run('git', ['-C', this.repository, 'gc', '--quiet', '--prune=now']);
  }

  async repack(): Promise<void> {
    await run('git', ['-C', this.repository, 'repack', '-a', '-d', '-q']);
    await run('git', ['-C', this.repository, 'prune', '--expire=now']);
    await run('git', ['-C', this.repository, 'pack-refs', '--all']);
  }

  /** Loses all that is only a shortcut. */
  forget(): void {
    for (const name of ['state', 'tombstones', 'seen', 'packs'])
      rmSync(this.place(name), { recursive: true, force: true });
  }

  /** What is seen here: in the words of the model, and every byte of it. */
  async view(): Promise<{ seen: SeenSession[]; bytes: string }> {
    const context = await this.open();
    return withHistory(context, async (history) => {
      expect(history.problems()).toEqual([]);
      const seen: SeenSession[] = [];
      const bytes: unknown[] = [];
      for (const listed of history.sessions) {
        const { shown, session } = await readWhole(history, listed);
        const { copies: _, ...rest } = listed;
        bytes.push(rest, shown, renderDocument(context.redactor.value(session)));
        seen.push(wordsOf(listed, shown));
      }
      return { seen: seen.sort((a, b) => (a.session < b.session ? -1 : 1)), bytes: JSON.stringify(bytes) };
    });
  }

  /** Whether nothing is unsent or unfetched, when these are the refs of the host. */
  isAt(host: ReadonlyMap<string, string>): boolean {
    const own = refsIn(this.repository, 'refs/specstory');
    const kinds = ['history', 'raw'] as const;
    const isSent = kinds.every((kind) => own.get(kind) === host.get(`${this.writer}/${kind}`));
    return isSent && [...host].every(([name, oid]) => own.get(`remotes/origin/${name}`) === oid);
  }

  /** Fails unless the repository is sound and nothing is left lying about. */
  async check(): Promise<void> {
    const args = ['fsck', '--strict', '--full', '--no-dangling', '--no-progress'];
    expect((await run('git', ['-C', this.repository, ...args])).stdout).toBe('');
    const left = readdirSync(path.join(this.repository, '.git'), { recursive: true, encoding: 'utf8' });
    expect(left.filter((file) => /(?<!sync)\.lock$|tmp_|fast_import_crash|\.held$/.test(file))).toEqual([]);
    expect(readdirSync(this.repository)).toEqual(['.git']);
  }

  private place(name: string): string {
    return path.join(this.repository, '.git', 'specstory', name);
  }

  private env(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.home };
  }

  private async open(): Promise<Context> {
    this.context ??= await openContext({ cwd: this.repository, env: this.env() });
    return this.context;
  }

  private remote() {
    const target = parseTarget(this.url, { project: 'unnamed', cwd: '/' });
    return { name: 'origin', url: this.url, target, onPush: false };
  }
}

/** The refs below a folder of refs, by what comes behind it. */
export function refsIn(repository: string, folder: string): Map<string, string> {
  const lines = git(repository, 'for-each-ref', '--format=%(objectname) %(refname)', folder).split('\n');
  return new Map(
    lines.filter(Boolean).map((line) => {
      const [oid = '', name = ''] = line.split(' ');
      return [name.slice(folder.length + 1), oid];
    }),
  );
}

function argumentsOf(action: Extract<Action, { do: 'label' | 'delete' }>): string[] {
  const { session, number } = action.target;
  const of = [session, ...(number === undefined ? [] : ['-e', `${number}`])];
  if (action.do === 'delete') return ['delete', ...of, '--yes'];
  const { label } = action;
  if (label.kind === 'title')
    return label.value === null ? ['title', ...of, '--clear'] : ['title', session, label.value, ...of.slice(1)];
  if (label.kind === 'hidden') return [label.value ? 'hide' : 'unhide', ...of];
  return ['tag', session, `${label.value ? '+' : '-'}${label.tag}`, ...of.slice(1)];
}

type Listed = Parameters<typeof readWhole>[1];
type Shown = Awaited<ReturnType<typeof readWhole>>['shown'];

function wordsOf({ meta, name, title, hidden, tags, exchanges }: Listed, shown: Shown): SeenSession {
  const found = [...new Set(shown.map(({ number }) => number))].map((number) => {
    const versions = shown.filter((one) => one.number === number);
    const [first] = versions;
    return {
      name: promptOf(first?.exchange.messages ?? []),
      versions: versions.map(({ exchange }) => stepsOf(exchange)).sort(),
      title: first?.title ?? null,
      hidden: first?.hidden ?? false,
      tags: first?.tags ?? [],
    };
  });
  expect(exchanges).toHaveLength(found.length);
  const called = title === undefined && name.startsWith('claude session of ') ? '' : name;
  return { session: meta.id, name: called, exchanges: found, title: title ?? null, hidden, tags };
}

function stepsOf({ messages }: Exchange): string {
  const parts = messages.slice(1).flatMap((message) => message.parts);
  const steps = parts.flatMap((part) => {
    if (part.kind === 'text' || part.kind === 'tool_result') return [part.text];
    return part.kind === 'tool_call' ? [String(part.input.command)] : [`unexpected ${part.kind}`];
  });
  return steps.map((step) => `${step};`).join('');
}
