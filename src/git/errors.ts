import { type ErrorKind, SpecstoryError } from '../core/errors.ts';
import type { Ending } from '../platform/process.ts';

interface Known {
  readonly says: RegExp;
  readonly kind: ErrorKind;
  readonly message: (where: string) => string;
  readonly hint: string;
}

/** What git says (in the C locale), in plain words. The first that matches is taken. */
const known: readonly Known[] = [
  {
    says: /detected dubious ownership/,
    kind: 'denied',
    message: (where) => `the repository at ${where} belongs to another user, and git does not trust it`,
    hint: 'if you trust it, run: git config --global --add safe.directory <its path>',
  },
  {
    says: /not a git repository|cannot use bare repository/,
    kind: 'not-found',
    message: (where) => `no git repository at ${where}`,
    hint: 'run this inside a repository, or make one with: git init',
  },
  {
    says: /must be run in a work tree/,
    kind: 'unsupported',
    message: (where) => `there is no working tree at ${where}`,
    hint: 'run this in a working tree of the repository, not in a bare one or inside .git',
  },
  {
    says: /Expected git repo version|unknown repository extension|unknown repository format|unknown ref storage/i,
    kind: 'unsupported',
    message: (where) => `the installed git is too old for the repository at ${where}`,
    hint: 'install a newer git',
  },
  {
    says: /No space left on device|Disk quota exceeded/,
    kind: 'unavailable',
    message: (where) => `no space left on the disk of ${where}`,
    hint: 'free some space and try again: nothing was changed',
  },
  {
    says: /Permission denied|Read-only file system|insufficient permission/,
    kind: 'denied',
    message: (where) => `git may not write to the repository at ${where}`,
    hint: 'check who owns the files in its git directory and whether the disk is read-only',
  },
  {
    says: /is at [0-9a-f]+ but expected|reference (?:already exists|is missing but expected)|unable to resolve reference|\.lock': File exists/,
    kind: 'conflict',
    message: (where) => `a ref in ${where} was changed by another process at the same moment`,
    hint: 'try again; if it stays, run: specstory doctor',
  },
  {
    says: /bad object|missing (?:blob|tree|commit|object)|unable to read|could not read|not a valid object|object .* not found|promisor/i,
    kind: 'unavailable',
    message: (where) => `an object is missing or damaged in the repository at ${where}`,
    hint: 'look with: git fsck --connectivity-only',
  },
];

/** The error for a git command that failed at `where`: plain words where they are known, else git's own first complaint. */
export function gitError(
  args: readonly string[],
  where: string,
  outcome: Ending & { readonly stderr: string },
): SpecstoryError {
  const cause = new Error(`git ${args[0] ?? ''}: ${outcome.stderr.trim() || ended(outcome)}`);
  const match = known.find(({ says }) => says.test(outcome.stderr));
  if (match) return new SpecstoryError(match.kind, match.message(where), { hint: match.hint, cause });
  const complaint = /^(?:fatal|error): (.*)$/m.exec(outcome.stderr)?.[1] ?? ended(outcome);
  return new SpecstoryError('unavailable', `git ${args[0] ?? ''} failed in ${where}: ${complaint}`, { cause });
}

function ended({ code, signal }: Ending): string {
  return signal ? `ended by ${signal}` : `ended with code ${code}`;
}
