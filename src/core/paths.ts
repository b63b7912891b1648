/**
 * A path from a transcript in the one form that is stored: `/` between parts, and relative to the
 * root it lies under (the longest wins). A path outside every root stays as it is. Drive letters and UNC
 * names compare without case, as Windows does.
 */
export function relativePath(path: string, roots: readonly string[]): string {
  const full = forward(fromUri(path));
  let best = '';
  for (const root of roots) {
    const folder = trimEnd(forward(root));
    if (folder.length > best.length && isUnder(full, folder)) best = folder;
  }
  if (best === '') return full;
  return full.length === best.length ? '.' : full.slice(best.length + 1);
}

/** Whether `path` is `folder` or lies below it. Both absolute, in any flavour. */
export function isInside(path: string, folder: string): boolean {
  return isUnder(trimEnd(forward(path)), trimEnd(forward(folder)));
}

/** A `file:` or `vscode-remote:` address as a path; anything else unchanged. */
export function fromUri(text: string): string {
  const match = /^(?:file|vscode-remote|vscode-userdata):\/\/([^/]*)(\/.*)?$/i.exec(text);
  if (!match) return text;
  const path = decode(match[2] ?? '/');
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
}

function isUnder(path: string, folder: string): boolean {
  if (folder === '') return false;
  const [a, b] = isWindows(folder) ? [path.toLowerCase(), folder.toLowerCase()] : [path, folder];
  return a === b || a.startsWith(`${b}/`);
}

function forward(path: string): string {
  return isWindows(path) ? path.replaceAll('\\', '/') : path;
}

function isWindows(path: string): boolean {
  return /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path);
}

function trimEnd(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
