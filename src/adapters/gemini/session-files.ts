import type { Host } from '../../core/host.ts';

/** The files of one conversation: a resume starts another file, and 0.40 copies `x.json` to `x.jsonl` and goes on there. */
export interface SessionFiles {
  /** Names the conversation within its folder; the same after more files have come. */
  readonly name: string;
  /** Oldest first: names start with a time, and `.json` sorts before `.jsonl`. */
  readonly files: readonly string[];
}

/** The conversations in a `chats` folder, or in a folder of sub-agents below it. */
export function sessionFiles(host: Host, folder: string): SessionFiles[] {
  const groups = new Map<string, string[]>();
  for (const { name, kind } of host.files.list(folder)) {
    const stem = /^(.+)\.jsonl?$/.exec(name)?.[1];
    if (kind !== 'file' || stem === undefined) continue;
    const short = /^session-[-\dT]*-([^-]+)$/.exec(stem)?.[1] ?? stem;
    groups.set(short, [...(groups.get(short) ?? []), host.path.join(folder, name)]);
  }
  return [...groups].flatMap(([short, files]) => apart(host, short, files));
}

/** A file name holds eight characters of the session id only: files that share them are told apart by the id inside. */
function apart(host: Host, short: string, files: readonly string[]): SessionFiles[] {
  const stems = new Set(files.map((file) => file.replace(/\.jsonl?$/, '')));
  if (stems.size === 1) return [{ name: short, files }];
  const ids = files.map((file) => writtenId(host, file, short));
  const byId = new Map<string | undefined, string[]>();
  for (const [index, file] of files.entries()) {
    const id = ids[index] ?? ids[0];
    byId.set(id, [...(byId.get(id) ?? []), file]);
  }
  return [...byId].map(([id, own]) => ({ name: id === ids[0] ? short : `${short}/${id}`, files: own }));
}

/** The session id in a file, which begins like the file's name ends. It may stand behind the messages. */
function writtenId(host: Host, file: string, short: string): string | undefined {
  const decoder = new TextDecoder();
  let window = '';
  try {
    for (const chunk of host.files.chunks(file)) {
      window = window.slice(-200) + decoder.decode(chunk, { stream: true });
      for (const [, id] of window.matchAll(/"sessionId"\s*:\s*"([^"\\]+)"/g)) if (id?.startsWith(short)) return id;
    }
  } catch {
    // It went away or may not be read: reading it as a source will say so.
  }
  return undefined;
}
