import { asArray, asObject, asText } from '../../core/json.ts';
import { fromUri } from '../../core/paths.ts';
import type { Edit } from '../../core/session.ts';
import type { PathForm } from '../cursor-edits.ts';
import { addition, fromUnified, replacement } from '../edits.ts';
import type { Fields } from './bubble.ts';

/** A code block of an answer that the editor took for a change to a file: before there were tools, all edits came so. */
interface BlockChange {
  readonly path: string;
  /** What the person or the editor did with it: `accepted`, `rejected`, `outdated` … */
  readonly status: string;
  readonly created: boolean;
  readonly content: string;
  /** The id of the row that has its diff. */
  readonly diff: string | undefined;
}

/** What was never in the file, or is no longer. */
const gone = new Set(['rejected', 'cancelled', 'aborted', 'outdated', 'error']);

/** The changes that a message's code blocks are to files, by what the conversation says became of them. */
export function blockChanges(composer: Fields, bubble: Fields): BlockChange[] {
  if (asText(asObject(bubble.toolFormerData).name) !== undefined) return [];
  const kept = Object.entries(asObject(composer.codeBlockData)).map(
    ([address, entries]) => [fromUri(address), asArray(entries).map(asObject)] as const,
  );
  const created = new Set(asArray(composer.newlyCreatedFiles).map((file) => placeOf(asObject(file).uri)));
  return asArray(bubble.codeBlocks).flatMap((value) => {
    const block = asObject(value);
    const path = placeOf(block.uri);
    const entry = kept.find(([place]) => place === path)?.[1].find((one) => isOf(one, block, bubble));
    if (path === '' || entry === undefined) return [];
    const content = asText(entry.content) ?? asText(block.content) ?? '';
    const status = asText(entry.status) ?? '';
    return [{ path, status, created: created.has(path), content, diff: asText(entry.diffId) }];
  });
}

function isOf(entry: Fields, block: Fields, bubble: Fields): boolean {
  const here = entry.bubbleId === undefined || entry.bubbleId === bubble.bubbleId;
  return here && (block.version === undefined || entry.version === undefined || block.version === entry.version);
}

/** The edit of a change as it comes in a record: what it took the place of is not recorded. */
export function blockEdit(change: Fields, form: PathForm): Edit | undefined {
  const path = form(asText(change.path) ?? '');
  const [content, hunks] = [asText(change.content), asText(change.hunks)];
  const made = change.created === true && content !== undefined ? addition(path, content) : undefined;
  const edit = made ?? (hunks ? fromUnified(path, hunks) : content ? replacement(path, '', content) : undefined);
  return edit && gone.has(asText(change.status) ?? '') ? { ...edit, rejected: true } : edit;
}

/** The lines that a `codeBlockDiff` row put into the file, a hunk for each place. */
export function addedLines(diff: unknown): string {
  const { newModelDiffWrtV0 } = asObject(diff);
  const hunks = asArray(newModelDiffWrtV0).flatMap((hunk) => {
    const lines = asArray(asObject(hunk).modified).filter((line) => typeof line === 'string');
    return lines.length === 0 ? [] : ['@@', ...lines.map((line) => `+${line}`)];
  });
  return hunks.join('\n');
}

/** The path of an address, of whatever generation. */
function placeOf(uri: unknown): string {
  const { external, path, fsPath, scheme } = asObject(uri);
  const address = asText(uri) ?? asText(external) ?? (scheme === 'file' ? `file://${asText(path) ?? ''}` : undefined);
  return fromUri(address ?? asText(path) ?? asText(fsPath) ?? '');
}
