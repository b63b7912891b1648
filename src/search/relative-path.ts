/** Paths with `/` on every machine; `.` and the working folder go. */
export function relativeTo(cwd: string | undefined): (path: string) => string {
  const plain = (path: string): string => path.replaceAll('\\', '/');
  const folder = cwd === undefined ? undefined : `${plain(cwd).replace(/\/+$/, '')}/`;
  return (given) => {
    const path = plain(given);
    const inside = folder !== undefined && path.startsWith(folder) ? path.slice(folder.length) : path;
    return inside.replace(/^(?:\.\/)+/, '');
  };
}
