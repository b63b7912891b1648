/**
 * The headers that `http.extraHeader` and `http.<url>.extraHeader` add to requests for an address, by git's rules: settings of the same or a
 * closer address add up, an empty value starts anew. Nothing when a pattern is more than we can compare.
 */
export function extraHeaders(
  address: string,
  settings: readonly { readonly url: string | undefined; readonly value: string }[],
): [name: string, value: string][] | undefined {
  let headers: [string, string][] = [];
  let closest = -1;
  for (const { url, value } of settings) {
    const closeness = url === undefined ? 0 : matchLength(url, new URL(address));
    if (closeness === undefined) return undefined;
    if (closeness < Math.max(closest, 0)) continue;
    closest = closeness;
    if (value === '') headers = [];
    else headers.push(split(value));
  }
  return headers;
}

/** How much of an address a pattern names: -1 when another one, nothing when it has wildcards or names a user. */
function matchLength(pattern: string, address: URL): number | undefined {
  if (!URL.canParse(pattern)) return pattern.includes('*') ? undefined : -1;
  const url = new URL(pattern);
  if (url.host.includes('*')) return undefined;
  if (url.origin !== address.origin) return -1;
  if (url.username) return undefined;
  const path = url.pathname.replace(/\/*$/, '/');
  return `${address.pathname}/`.startsWith(path) ? path.length : -1;
}

function split(header: string): [string, string] {
  const cut = header.indexOf(':');
  return cut < 0 ? [header.trim(), ''] : [header.slice(0, cut).trim(), header.slice(cut + 1).trim()];
}
