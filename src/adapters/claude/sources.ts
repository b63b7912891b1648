import type { Host } from '../../core/host.ts';
import type { AgentId } from '../../core/ids.ts';
import { asObject, asText } from '../../core/json.ts';
import { isInside } from '../../core/paths.ts';
import type { Known, NativeRecord, Project, Source } from '../adapter.ts';
import { canonical } from '../document-store.ts';
import { jsonl } from '../jsonl.ts';
import { type ProjectFolder, projectFolders, projectsFolders, rootFolders } from './config-folders.ts';
import { exportedRecords } from './exported.ts';
import { type Head, headOfRecords, readHead } from './head.ts';
import { type Identity, identityOfHead, identityOfPath, keyOf, subAgentName } from './identity.ts';
import { withStoredResults } from './stored-results.ts';

/** Forks that the agent makes for itself (compaction, suggestions, side questions): no work of a sub-agent. */
const internal = /^(?:acompact|aprompt_suggestion|aside_question)-/;

/** Transcripts of the project, its sub-agents included. Different paths may share a folder, so the first records are asked. */
export function* findSources(agent: AgentId, host: Host, project: Project, known?: Known): Generator<Source> {
  for (const folder of projectFolders(host, project)) {
    const entries = host.files.list(folder.path);
    const folders = new Set(entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name));
    const look = { agent, host, project, folder, known };
    for (const { name, kind, unchanged } of entries) {
      if (unchanged && folders.size === 0) continue;
      if (kind !== 'file' || !name.endsWith('.jsonl') || internal.test(subAgentName(name) ?? '')) continue;
      const source = unchanged ? undefined : owned(look, host.path.join(folder.path, name));
      if (source) yield source;
      const session = name.slice(0, -'.jsonl'.length);
      if ((source || unchanged) && folders.has(session)) {
        yield* subAgents(look, host.path.join(folder.path, session), true);
      }
      folders.delete(session);
    }
    for (const orphan of folders) yield* subAgents(look, host.path.join(folder.path, orphan), false);
  }
}

/** The source in a file of any name, when its records are Claude Code's. */
export function* openSource(agent: AgentId, host: Host, path: string): Generator<Source> {
  const lines = readHead(host, path, () => false);
  const head = lines.claude ? lines : headOfRecords(exportedRecords(host, path), () => false);
  if (!head.claude) return;
  const identity = identityOfPath(host, path) ?? identityOfHead(host.path.basename(path), head);
  const source = sourceAt(agent, host, path, identity);
  if (source) yield { ...source, appendOnly: lines.claude };
}

/** Where new transcripts and folders of them appear. */
export function placesOf(host: Host, project: Project): string[] {
  const folders = projectFolders(host, project).map(({ path }) => path);
  return [...new Set([...projectsFolders(host), ...rootFolders(host, project), ...folders])];
}

/**
 * The records of a transcript. Older versions repeat a sub-agent's messages in its parent's transcript; where the
 * sub-agent's own is there, the repetition is left out of `value` (`text` has it). Results that were too large for the
 * transcript are put into `value`.
 */
export function* recordsOf(host: Host, source: Source, from: number): Generator<NativeRecord> {
  if (!source.appendOnly) return yield* canonical(exportedRecords(host, source.path).map((value) => ({ value })));
  const folder = host.path.join(source.path.replace(/\.jsonl$/, ''), 'subagents');
  let own: ReadonlySet<string> | undefined;
  for (const record of jsonl(host, source.path, from)) {
    const agent = repeatedAgent(record.value);
    if (agent !== undefined) own ??= new Set(host.files.list(folder).map(({ name }) => name));
    const value =
      agent !== undefined && own?.has(`agent-${agent}.jsonl`)
        ? { ...asObject(record.value), data: undefined }
        : withStoredResults(host, source.path, record.value);
    yield value === record.value ? record : { ...record, value };
  }
}

function repeatedAgent(value: unknown): string | undefined {
  const record = asObject(value);
  return record.type === 'progress' ? asText(asObject(record.data).agentId) : undefined;
}

interface Look {
  readonly agent: AgentId;
  readonly host: Host;
  readonly project: Project;
  readonly folder: ProjectFolder;
  readonly known: Known | undefined;
}

/** A transcript as a source, when it is the project's. */
function owned({ agent, host, project, folder, known }: Look, path: string): Source | undefined {
  const placed = identityOfPath(host, path);
  const told = placed && known?.get(keyOf(placed, path));
  if (told !== undefined) return told ? sourceAt(agent, host, path, placed) : undefined;
  const head = tryHead(host, path, placed !== undefined);
  // What cannot be read says so when its records are asked for.
  if (head === undefined) return placed && folder.exact ? sourceAt(agent, host, path, placed) : undefined;
  const identity = placed ?? identityOfHead(host.path.basename(path), head);
  const { cwd } = head;
  const belongs = cwd !== undefined && project.roots.some((root) => isInside(cwd, root));
  // A transcript that does not say yet where it was started is asked again.
  if (cwd !== undefined) known?.set(keyOf(identity, path), belongs);
  return belongs ? sourceAt(agent, host, path, identity) : undefined;
}

/** The first records, up to the first that names a folder when only that is wanted; `undefined` when the file cannot be read. */
function tryHead(host: Host, path: string, folderOnly: boolean): Head | undefined {
  try {
    return readHead(host, path, (head) => folderOnly && head.cwd !== undefined);
  } catch {
    return undefined;
  }
}

/** The sub-agents of a session; those whose session is gone must show themselves that they are the project's. */
function* subAgents(look: Look, session: string, owner: boolean): Generator<Source> {
  const { agent, host } = look;
  for (const path of transcripts(host, host.path.join(session, 'subagents'), 0)) {
    const identity = identityOfPath(host, path);
    const source = owner && identity ? sourceAt(agent, host, path, identity) : owned(look, path);
    if (source) yield source;
  }
}

/** Sub-agents of workflows lie in folders of their own. */
function* transcripts(host: Host, folder: string, level: number): Generator<string> {
  for (const { name, kind, unchanged } of host.files.list(folder)) {
    const path = host.path.join(folder, name);
    if (kind === 'folder' && level < 3) yield* transcripts(host, path, level + 1);
    const sub = subAgentName(name);
    if (kind === 'file' && !unchanged && sub !== undefined && !internal.test(sub)) yield path;
  }
}

function sourceAt(agent: AgentId, host: Host, path: string, identity: Identity): Source | undefined {
  const stat = host.files.stat(path);
  if (stat?.kind !== 'file' || stat.size === 0) return undefined;
  const { size, modified, inode } = stat;
  return {
    agent,
    key: keyOf(identity, path),
    path,
    version: `${size}-${modified}-${inode}`,
    modified,
    appendOnly: true,
  };
}
