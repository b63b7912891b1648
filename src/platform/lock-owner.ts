import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process started, in the system's own count; empty where the system does not tell. */
  start: z.string(),
  /** Changes with every start of the machine; empty where the system does not tell. */
  boot: z.string(),
  /** Host name and process space: within one, a process number means one process. */
  place: z.string(),
  /** When the lock was taken. */
  since: z.string(),
  purpose: z.string(),
});

/** The process that holds a lock. */
export type LockOwner = z.infer<typeof ownerSchema>;

/** Whether an owner is still there: `unsure` where this process cannot see it (another machine or container, no way to tell one process from a later one of the same number). */
type Presence = 'there' | 'gone' | 'unsure';

/** This process, as the owner of a lock. */
export function thisOwner(purpose: string): LockOwner {
  const start = processStart(process.pid) ?? '';
  return { pid: process.pid, start, ...surroundings(), since: new Date().toISOString(), purpose };
}

/** The owner from the content of a lock file; nothing when it cannot be read. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function presence(owner: LockOwner | undefined): Presence {
  const here = surroundings();
  if (!owner || owner.place !== here.place) return 'unsure';
  if (owner.boot !== here.boot) return 'gone';
  if (!isRunning(owner.pid)) return 'gone';
  const start = processStart(owner.pid);
  if (start === undefined) return 'unsure';
  return start === owner.start ? 'there' : 'gone';
}

function surroundings(): { boot: string; place: string } {
  const boot = quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '';
  const space = quietly(() => readlinkSync('/proc/self/ns/pid')) ?? '';
  return { boot, place: `${hostname()} ${space}` };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat; `ended` for a process that is dead and was not yet waited for. */
function processStart(pid: number): string | undefined {
  const stat = quietly(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The second field is the program's name in brackets, which may hold spaces and brackets itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? 'ended' : fields?.[19];
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
