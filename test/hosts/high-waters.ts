import { readdirSync, readFileSync } from 'node:fs';

/** Largest resident memory so far, in MiB: of a process, and of any one program it started that is there now (Linux only). */
export function highWaters(pid: number | undefined): { own: number; children: number } {
  const of = (one: string | number | undefined): number => {
    try {
      return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      return 0;
    }
  };
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [name, parentOf(name)]),
  );
  const below = (one: string): boolean => {
    const parent = parents.get(one);
    return parent !== undefined && (parent === String(pid) || below(parent));
  };
  return { own: of(pid), children: Math.max(0, ...[...parents.keys()].filter(below).map(of)) };
}

function parentOf(pid: string): string | undefined {
  try {
    return /\nPPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
