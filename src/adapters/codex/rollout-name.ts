const rollout = /^rollout-[\dT-]+-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?:jsonl|jsonl\.zst|json)$/i;

/** The thread id in the name of a rollout; it is right even where the first records are copies of another thread's. */
export function threadOf(path: string): string | undefined {
  return rollout.exec(baseName(path))?.[1]?.toLowerCase();
}

/** The name of a rollout without folder and ending: the same when it is archived or compressed. */
export function rolloutStem(path: string): string {
  return baseName(path).replace(/\.(?:jsonl|jsonl\.zst|json)$/i, '');
}

/** Whether a file of this name in the store is a rollout. */
export function isRollout(name: string): boolean {
  return /^rollout-.*\.(?:jsonl|jsonl\.zst|json)$/i.test(name);
}

function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
