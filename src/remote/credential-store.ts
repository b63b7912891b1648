import { type Stats, statSync } from 'node:fs';
import { chmod, mkdir, rename } from 'node:fs/promises';
import nodePath from 'node:path';
import * as z from 'zod';
import { SpecstoryError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { shellQuote } from '../core/shell-quote.ts';
import { readIfThere, replaceFile } from '../platform/atomic-file.ts';
import { withLock } from '../platform/lock.ts';
import { userFolder } from '../platform/user-folder.ts';

const signInSchema = z.strictObject({
  /** The server's address: its origin and the path it is served under. */
  server: z.url(),
  access_token: z.string(),
  /** Absent for a personal access token. */
  refresh_token: z.string().optional(),
  expires_at: z.string().optional(),
  /** Of the account, for people. */
  name: z.string().optional(),
});
/** A sign-in at one origin. */
export type SignIn = z.infer<typeof signInSchema>;

const fileSchema = z.strictObject({ version: z.literal(1), origins: z.record(z.string(), signInSchema) });

/** The sign-ins of this person on this machine by origin, in one file that nobody else may read. */
export interface CredentialStore {
  readonly file: string;
  /** Throws `denied` when others can read or replace the file, `config` when it is damaged. */
  read(): Promise<ReadonlyMap<string, SignIn>>;
  /**
   * Reads, lets `work` change the map, and writes it when it says so; one process at a time. A damaged file is put aside as
   * `credentials.json.damaged`.
   */
  change<T>(work: (signIns: Map<string, SignIn>) => Promise<{ result: T; write: boolean }>): Promise<T>;
}

/** Where the credentials are kept. Throws `config` on a machine without a home folder. */
export function openCredentialStore(place: { env: NodeJS.ProcessEnv; home: string | undefined }): CredentialStore {
  const platform = process.platform === 'win32' ? 'win32' : 'linux';
  const base = userFolder({ env: (name) => place.env[name] || undefined, home: place.home, platform, path: nodePath });
  if (base === undefined) {
    throw new SpecstoryError('config', 'there is no folder to keep credentials in', {
      hint: 'set HOME or XDG_CONFIG_HOME',
    });
  }
  const folder = nodePath.join(base, 'specstory');
  const file = nodePath.join(folder, 'credentials.json');
  const options = { wait: 60_000, purpose: 'credentials' };
  return {
    file,
    read: () => readSignIns(file),
    change: async (work) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return withLock(nodePath.join(folder, 'credentials.lock'), options, async () => {
        const signIns = new Map(await readSignIns(file).catch((thrown) => putAside(file, thrown)));
        const { result, write } = await work(signIns);
        if (write) await writeSignIns(folder, file, signIns);
        return result;
      });
    },
  };
}

async function readSignIns(file: string): Promise<ReadonlyMap<string, SignIn>> {
  const text = await readIfThere(file);
  if (text === undefined) return new Map();
  if (process.platform !== 'win32') refuseShared(file);
  const parsed = fileSchema.safeParse(parseJson(text));
  if (parsed.success) return new Map(Object.entries(parsed.data.origins));
  throw new SpecstoryError('config', `${file} is damaged, or of a newer version`, { hint: 'run: specstory login' });
}

/** What others may read is no secret, and where others may write a server may have been put in. */
function refuseShared(file: string): void {
  const folder = nodePath.dirname(file);
  const [own, around] = [statSync(file), statSync(folder)];
  if (!isOwn(own) || !isOwn(around)) {
    throw new SpecstoryError('denied', `${file} belongs to another user`, { hint: 'remove it and sign in again' });
  }
  const open = (path: string, mode: string): SpecstoryError =>
    new SpecstoryError('denied', `others have access to ${path}, which holds credentials`, {
      hint: `chmod ${mode} ${shellQuote(path)}, and sign in again if somebody may have looked`,
    });
  if (own.mode & 0o077) throw open(file, '600');
  if (around.mode & 0o022) throw open(folder, '700');
}

function isOwn({ uid }: Stats): boolean {
  return uid === process.getuid?.();
}

async function putAside(file: string, thrown: unknown): Promise<ReadonlyMap<string, SignIn>> {
  if (!(thrown instanceof SpecstoryError && thrown.kind === 'config')) throw thrown;
  await rename(file, `${file}.damaged`);
  return new Map();
}

async function writeSignIns(folder: string, file: string, signIns: ReadonlyMap<string, SignIn>): Promise<void> {
  await chmod(folder, 0o700);
  const content = { version: 1, origins: Object.fromEntries(signIns) };
  await replaceFile(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}
