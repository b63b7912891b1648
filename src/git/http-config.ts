import type { Environment } from '../platform/process.ts';
import { tryGitAsCalled } from './run-as-called.ts';

/** What git's configuration says about an address. */
export interface HttpConfig {
  /** `http.*` and `http.<url>.*` that git would use for the address, by name in lower case without `http.`. */
  readonly http: ReadonlyMap<string, string>;
  /** All `extraHeader` of http sections, in git's order: they add up, and git gives only the last one by address. */
  readonly extraHeaders: readonly { readonly url: string | undefined; readonly value: string }[];
  /** `remote.<remote>.proxy` and `remote.<remote>.proxyAuthMethod`. */
  readonly remoteProxy: string | undefined;
  readonly remoteProxyAuthMethod: string | undefined;
  /** `specstory.helper`. */
  readonly helper: string | undefined;
}

interface Asker {
  readonly cwd: string;
  readonly env: Environment;
}

/** The configuration for an address, by two `git config` at the same time. Works outside repositories as well. */
export async function readHttpConfig(url: string, remote: string | undefined, asker: Asker): Promise<HttpConfig> {
  const others = '^(specstory\\.helper|remote\\..*\\.proxy(authmethod)?|http\\.(.*\\.)?extraheader)$';
  const [matching, more] = await Promise.all([
    tryGitAsCalled(['config', '-z', '--get-urlmatch', 'http', url], asker),
    tryGitAsCalled(['config', '-z', '--get-regexp', others], asker),
  ]);
  const rest = records(more.stdout);
  const last = (name: string): string | undefined => rest.findLast(([found]) => found === name)?.[1];
  return {
    http: new Map(records(matching.stdout).map(([name, value]) => [name.replace(/^http\./, ''), value])),
    extraHeaders: rest.flatMap(([name, value]) => {
      const match = /^http\.(?:(.*)\.)?extraheader$/s.exec(name);
      return match ? [{ url: match[1], value }] : [];
    }),
    remoteProxy: remote === undefined ? undefined : last(`remote.${remote}.proxy`),
    remoteProxyAuthMethod: remote === undefined ? undefined : last(`remote.${remote}.proxyauthmethod`),
    helper: last('specstory.helper'),
  };
}

/** Records are `name LF value NUL`; a name alone is a setting without a value, which means true. */
function records(output: Buffer): [name: string, value: string][] {
  const entries = output.toString('utf8').split('\0').slice(0, -1);
  return entries.map((entry) => {
    const cut = entry.indexOf('\n');
    return cut < 0 ? [entry, 'true'] : [entry.slice(0, cut), entry.slice(cut + 1)];
  });
}
