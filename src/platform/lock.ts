import { randomBytes } from 'node:crypto';
import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SpecstoryError } from '../core/errors.ts';
import { writeError } from './file-error.ts';
import { type LockOwner, parseOwner, presence, thisOwner } from './lock-owner.ts';

interface LockOptions {
  /** Milliseconds to wait for a lock that somebody holds. */
  readonly wait: number;
  /** What the lock is taken for: told to those who wait in vain. */
  readonly purpose: string;
}

interface Held {
  /** The owner before ended without letting go: what it was at may be half done. */
  readonly recovered: boolean;
}

/** Milliseconds between signs of life of an owner, and without one after which an owner whom nobody can see is given up. */
const life = { sign: 10_000, patience: 120_000 };

/**
 * Does `work` while no other process holds the lock at `folder`. An owner that died is recovered by exactly one of those who
 * wait; a live one is respected. Throws `conflict` when it is still held after `wait`.
 *
 * The folder holds one file per turn, `<n>.held`, renamed to `<n>.free` at the end. The turn with the highest number counts, and a file
 * with a number is only removed when a higher one is there. So the highest number never goes down, taking a turn is making the
 * next number, and of many who find an owner dead only one can make it. Nothing needs a second lock, and no
 * instant of death leaves more than a turn whose owner is gone.
 */
export async function withLock<T>(folder: string, options: LockOptions, work: (held: Held) => Promise<T>): Promise<T> {
  const turn = await waitForTurn(folder, options);
  const sign = setInterval(() => touch(turn.file), life.sign);
  sign.unref();
  try {
    return await work({ recovered: turn.recovered });
  } finally {
    clearInterval(sign);
    end(turn);
  }
}

interface Turn extends Held {
  readonly folder: string;
  readonly number: number;
  readonly file: string;
}

async function waitForTurn(folder: string, { wait, purpose }: LockOptions): Promise<Turn> {
  const until = performance.now() + wait;
  const owner = thisOwner(purpose);
  for (let delay = 5; ; delay = Math.min(delay * 1.5, 100)) {
    const found = attempt(folder, owner);
    if ('turn' in found) return found.turn;
    if (performance.now() >= until) throw heldBy(found.holder, folder);
    // Those who wait together must not ask together.
    await pause(delay * (0.5 + Math.random()));
  }
}

function heldBy(holder: LockOwner | undefined, folder: string): SpecstoryError {
  const who = holder ? `process ${holder.pid} (${holder.purpose}, since ${holder.since})` : 'another process';
  return new SpecstoryError('conflict', `${who} holds ${folder}`, { hint: 'wait until it is done, then try again' });
}

/** One attempt, without waiting: a turn, or who is in the way. */
function attempt(folder: string, owner: LockOwner): { turn: Turn } | { holder: LockOwner | undefined } {
  try {
    mkdirSync(folder, { recursive: true });
    const top = highest(entries(folder).filter(({ state }) => state !== 'other'));
    const held = top.filter(({ state }) => state === 'held');
    for (const { file } of held) {
      const holder = ownerOf(file);
      if (isThere(holder, file)) return { holder };
    }
    const number = (top[0]?.number ?? 0) + 1;
    const file = path.join(folder, `${number}.held`);
    if (!make(file, owner)) return { holder: undefined };
    const turn = { folder, number, file, recovered: held.length > 0 };
    return isOvertaken(turn) ? { holder: undefined } : { turn };
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

interface Entry {
  readonly number: number;
  readonly state: 'held' | 'free' | 'other';
  readonly file: string;
}

/** Turns, and as number 0 whatever else is there: files that somebody was about to make a turn of. */
function entries(folder: string): Entry[] {
  return readdirSync(folder).map((name): Entry => {
    const file = path.join(folder, name);
    const match = /^(\d{1,15})\.(held|free)$/.exec(name);
    if (!match) return { number: 0, state: 'other', file };
    return { number: Number(match[1]), state: match[2] === 'held' ? 'held' : 'free', file };
  });
}

/** The entries with the highest number: two when somebody was overtaken while making one. */
function highest(all: readonly Entry[]): Entry[] {
  const top = Math.max(0, ...all.map(({ number }) => number));
  return all.filter(({ number }) => number === top);
}

/**
 * A list that was read while turns changed may be old, and the number made after it used up: then the turn does not count.
 * One that counts clears away what is behind it; who loses a file that was about to become a turn tries again.
 */
function isOvertaken(turn: Turn): boolean {
  const others = entries(turn.folder).filter(({ file }) => file !== turn.file);
  const overtaken = others.some(({ number }) => number >= turn.number);
  for (const { file } of overtaken ? [turn] : others) rmSync(file, { force: true });
  return overtaken;
}

function isThere(holder: LockOwner | undefined, file: string): boolean {
  const seen = presence(holder);
  if (seen !== 'unsure') return seen === 'there';
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return mtimeMs === undefined || Date.now() - mtimeMs < life.patience;
}

function ownerOf(file: string): LockOwner | undefined {
  try {
    return parseOwner(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Makes a file with its content at once, unless it is there. */
function make(file: string, owner: LockOwner): boolean {
  const draft = path.join(path.dirname(file), `new-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(draft, JSON.stringify(owner), { flag: 'wx' });
    linkOrCopy(draft, file);
    return true;
  } catch (thrown) {
    if (isCode(thrown, 'EEXIST', 'ENOENT')) return false;
    throw thrown;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Some file systems have no links; a copy is seen half written for a moment, which counts as an owner whom nobody can see. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (thrown) {
    if (!isCode(thrown, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw thrown;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

function isCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.some((code) => code === thrown.code);
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Whoever gave us up has taken it.
  }
}

function end({ folder, number, file }: Turn): void {
  try {
    renameSync(file, path.join(folder, `${number}.free`));
  } catch {
    // Whoever gave us up has taken it; on a disk that fails, the next one finds our process gone.
  }
}
