import { isObjectId, type ObjectId } from '../core/ids.ts';
import type { Environment, Outcome } from '../platform/process.ts';
import type { Repository } from './repository.ts';
import { type Place, placeOf, startGit } from './run.ts';

/** How git may talk to one remote. */
export interface Talk {
  /** The name of a remote in the configuration, checked before: letters, digits, dots, hyphens. */
  readonly remote: string;
  /** Transports that may be used. */
  readonly protocols: readonly string[];
  readonly env?: Environment;
  readonly config?: readonly string[];
  /** Milliseconds after which git is ended: for all of it, or without a word of it (progress is one). */
  readonly limit: { readonly wall: number } | { readonly idle: number };
  /** Hears of git's own progress, in per cent of the phase it names. */
  readonly progress?: (phase: string, percent: number) => void;
}

/** How a talk ended: git's code (null when we or a signal ended it) and what it said. */
export interface Talked {
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly stderr: string;
}

/** What git says of one ref of a push (git-push(1), `--porcelain`). */
export interface PushedRef {
  /** The ref on the remote. */
  readonly ref: string;
  readonly state: 'moved' | 'up-to-date' | 'rejected';
  /** git's words for it. */
  readonly summary: string;
}

/**
 * Pushes by refspecs of ours. With a lease, `<ref>:<where it must be>`, a ref is replaced as well; a `+` would do it whatever the lease says. No hook runs, no tag and
 * no submodule follows; tracking refs move with what arrived.
 */
export async function pushRefs(
  repository: Repository,
  talk: Talk,
  refspecs: readonly string[],
  options: { readonly dryRun?: boolean; readonly leases?: readonly string[] } = {},
): Promise<Talked & { readonly refs: readonly PushedRef[] }> {
  const flags = ['--porcelain', '--no-follow-tags', '--no-signed', '--recurse-submodules=no', '--no-verify'];
  const more = [progressFlag(talk), ...(options.dryRun ? ['--dry-run'] : [])];
  const leases = (options.leases ?? []).map((lease) => `--force-with-lease=${lease}`);
  const args = ['push', ...flags, ...more, ...leases, '--end-of-options', talk.remote, ...refspecs];
  const { stdout, ...talked } = await converse(repository, talk, args);
  return { ...talked, refs: stdout.toString('utf8').split('\n').flatMap(pushedRef) };
}

/** `<flag> TAB <from>:<to> TAB <summary>` */
function pushedRef(line: string): PushedRef[] {
  const [flag = '', pair = '', summary = ''] = line.split('\t');
  const colon = pair.indexOf(':');
  if (flag.length !== 1 || colon < 0) return [];
  const state = flag === '!' ? 'rejected' : flag === '=' ? 'up-to-date' : 'moved';
  return [{ ref: pair.slice(colon + 1), state, summary }];
}

/** Fetches by refspecs of ours into tracking refs, and removes those whose refs are gone there; objects are checked, nothing else is written. */
export async function fetchRefs(repository: Repository, talk: Talk, refspecs: readonly string[]): Promise<Talked> {
  const flags = ['--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules', '--prune'];
  const more = ['--refmap=', progressFlag(talk)];
  const args = ['fetch', ...flags, ...more, '--end-of-options', talk.remote, ...refspecs];
  const config = ['fetch.fsckObjects=true', 'fetch.writeCommitGraph=false', ...(talk.config ?? [])];
  return converse(repository, { ...talk, config }, args);
}

/** Where refs stand on a remote, by `git ls-remote`; nothing is written. */
export async function remoteTips(
  repository: Repository,
  talk: Talk,
  pattern: string,
): Promise<Talked & { readonly tips: ReadonlyMap<string, ObjectId> }> {
  const { stdout, ...talked } = await converse(repository, talk, [
    'ls-remote',
    '--end-of-options',
    talk.remote,
    pattern,
  ]);
  const tips = new Map<string, ObjectId>();
  for (const line of stdout.toString('utf8').split('\n')) {
    const [oid = '', ref] = line.split('\t');
    if (ref && isObjectId(oid)) tips.set(ref, oid);
  }
  return { ...talked, tips };
}

/** Its progress is how we see that git moves. */
const progressFlag = ({ limit, progress }: Talk): string =>
  progress || 'idle' in limit ? '--progress' : '--no-progress';

async function converse(
  repository: Repository,
  talk: Talk,
  args: readonly string[],
): Promise<Talked & Pick<Outcome, 'stdout'>> {
  const { protocols, env = {}, config = [], limit, progress } = talk;
  const place: Place = placeOf(repository);
  let timer: NodeJS.Timeout | undefined;
  const moves = (): void => void ('idle' in limit && timer?.refresh());
  const child = await startGit(args, { ...place, protocols, env, config, onStderr: moves });
  let timedOut = false;
  const end = (): void => {
    timedOut = true;
    child.kill();
  };
  timer = setTimeout(end, 'idle' in limit ? limit.idle : limit.wall);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    moves();
  });
  child.stdin.end();
  const look = progress && setInterval(() => tellProgress(child.stderr(), progress), 200);
  const { code } = await child.ended;
  clearTimeout(timer);
  clearInterval(look);
  return { code, timedOut, stderr: child.stderr(), stdout: Buffer.concat(chunks) };
}

/** git writes `Writing objects:  45% (9/20)` and the like, over and over on one line. */
function tellProgress(said: string, progress: (phase: string, percent: number) => void): void {
  const last = [...said.matchAll(/(?:^|[\r\n])(?:remote: )?([A-Z][a-z ]+): +(\d+)%/g)].at(-1);
  if (last?.[1] && last[2]) progress(last[1].toLowerCase(), Number(last[2]));
}
