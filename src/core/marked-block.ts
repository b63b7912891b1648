/** The lines around what we add to files that are not ours: comments in shell, YAML, git's configuration and exclude files alike. */
const opening = '# specstory >>>';
const closing = '# specstory <<<';

/** A checkout on Windows may have given our lines, too, its line ends. */
const block = new RegExp(`^${opening}\\r?\\n(?:[^\\n]*\\n)*?${closing}\\r?$`, 'm');

/** Where a new block goes: behind the shebang and the comments at the top, so that no `exec` or `exit` comes before it, or at the end. */
export type BlockPlace = 'top' | 'end';

/** Whether a text holds our block. */
export function hasBlock(text: string): boolean {
  return block.test(text);
}

/**
 * The text with our block, which holds `lines`. A block that is there already is replaced where it stands, so that adding twice is
 * adding once. Works on any bytes read as latin1; `lines` are ASCII. `removeBlock` gives the text back, byte for byte.
 */
export function addBlock(text: string, lines: string, place: BlockPlace): string {
  const marked = `${opening}\n${lines.replace(/\n*$/, '\n')}${closing}`;
  if (hasBlock(text)) return text.replace(block, () => marked);
  const at = place === 'end' ? text.length : headerEnd(text);
  // Behind a last line without a line end the block has none either: that is how its removal knows.
  if (at > 0 && text[at - 1] !== '\n') return `${text.slice(0, at)}\n${marked}`;
  return `${text.slice(0, at)}${marked}\n${text.slice(at)}`;
}

/** The text without our block; the same text when it holds none. What was written around the block since stays. */
export function removeBlock(text: string): string {
  const found = block.exec(text);
  if (!found) return text;
  const end = found.index + found[0].length;
  const start = end === text.length && found.index > 0 ? found.index - 1 : found.index;
  return text.slice(0, start) + text.slice(end + 1);
}

/** Behind the unbroken run of comment lines at the top, the shebang included. */
function headerEnd(text: string): number {
  const header = /^(?:#[^\n]*(?:\n|$))*/.exec(text);
  return header?.[0].length ?? 0;
}
