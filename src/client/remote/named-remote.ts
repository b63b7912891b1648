import { reason, SpecstoryError } from '../../core/errors.ts';
import type { Config } from '../../git/repository.ts';
import { parseTarget, type Target } from './target.ts';

/** A remote of this repository that was named with `specstory remote add`. */
export interface NamedRemote {
  readonly name: string;
  /** Where it is, as the configuration says. */
  readonly url: string;
  /** What may be sent to; absent when consent does not hold, and `problem` says why. */
  readonly target?: Target;
  readonly problem?: string;
  /** `git push` of code lets a sync follow. */
  readonly onPush: boolean;
  /** What the person agreed to before the first push: that everybody, or nobody knows who, can read it. */
  readonly accepted?: string;
}

/** What a remote is told with in the configuration: docs/sync.md. */
export const remoteKeys = (name: string) => ({
  url: `remote.${name}.url`,
  fetch: `remote.${name}.fetch`,
  push: `remote.${name}.push`,
  tags: `remote.${name}.tagOpt`,
  consent: `remote.${name}.specstory`,
  onPush: `remote.${name}.specstoryOnPush`,
  audience: `remote.${name}.specstoryAudience`,
});

export const trackingRefspec = (name: string): string => `+refs/specstory/writers/*:refs/specstory/remotes/${name}/*`;

const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/;

/** A name that can be a remote, a part of a ref and a file. Throws `usage`. */
export function checkRemoteName(name: string): string {
  if (namePattern.test(name) && !name.includes('..') && !name.endsWith('.lock')) return name;
  const hint = 'letters, digits, dots, hyphens and underscores; it begins with a letter or a digit';
  throw new SpecstoryError('usage', `cannot name a remote ${JSON.stringify(name)}`, { hint });
}

/**
 * The remotes that were named here, in the order of the configuration. Consent is the setting `remote.<name>.specstory` of this
 * repository's own configuration, and holds only while it names every place that git really sends to and fetches from.
 */
export function namedRemotes(config: Config): NamedRemote[] {
  const names = own(config).flatMap(({ name }) => /^remote\.(.+)\.specstory$/.exec(name)?.[1] ?? []);
  return [...new Set(names)].map((name) => namedRemote(config, name));
}

/** The remotes that may be sent to. */
export function consentedRemotes(config: Config): (NamedRemote & { target: Target })[] {
  return namedRemotes(config).flatMap((remote) => (remote.target ? [{ ...remote, target: remote.target }] : []));
}

function namedRemote(config: Config, name: string): NamedRemote {
  const keys = remoteKeys(name);
  const value = (key: string): string | undefined => ownValue(config, key);
  const accepted = value(keys.audience);
  const about = {
    name,
    url: config.get(keys.url) ?? '',
    onPush: value(keys.onPush) === 'true',
    ...(accepted ? { accepted } : {}),
  };
  try {
    return { ...about, target: consentedTarget(config, name, own(config, keys.consent)) };
  } catch (thrown) {
    return { ...about, problem: reason(thrown) };
  }
}

function consentedTarget(config: Config, name: string, consents: readonly { readonly value: string }[]): Target {
  checkRemoteName(name);
  const again = `to agree to where it points now, run: specstory remote remove ${name}`;
  const withdrawn = (why: string): SpecstoryError => new SpecstoryError('usage', why, { hint: again });
  const programs = ['vcs', 'receivepack', 'uploadpack'].filter((key) => config.get(`remote.${name}.${key}`));
  if (programs.length > 0) throw withdrawn(`remote.${name}.${programs[0]} names a program`);
  const places = effectiveUrls(config, config.all(`remote.${name}.url`).map(settingValue), name);
  if (places.length === 0) throw withdrawn(`remote ${name} has no address`);
  const agreed = consents.map(settingValue);
  const other = places.find((place) => !agreed.includes(place));
  if (other !== undefined)
    throw withdrawn(`you agreed to ${agreed.join(' and ')}, and remote ${name} leads to ${other}`);
  const targets = places.map((place) => parseTarget(place, { project: 'unnamed', cwd: '/' }));
  const [first, ...others] = targets;
  if (!first || others.some(({ kind }) => kind !== first.kind))
    throw withdrawn(`remote ${name} leads to several places`);
  return { ...first, protocols: [...new Set(targets.flatMap(({ protocols }) => protocols))] };
}

const settingValue = ({ value }: { readonly value: string }): string => value;

/** All the places that git would push to (these come first) and fetch from, for addresses as they are written, after its rewriting rules. */
export function effectiveUrls(config: Config, urls: readonly string[], name: string): string[] {
  const pushUrls = config.all(`remote.${name}.pushurl`).map(settingValue);
  const fetched = urls.map((url) => rewritten(config, url, ['insteadof']));
  const pushed =
    pushUrls.length > 0
      ? pushUrls.map((url) => rewritten(config, url, ['insteadof']))
      : urls.map((url) => rewritten(config, url, ['pushinsteadof', 'insteadof']));
  return [...new Set([...pushed, ...fetched])];
}

/** git-config(1), `url.<base>.insteadOf`: the longest beginning wins, and rules for pushing come before the others. */
function rewritten(config: Config, url: string, kinds: readonly string[]): string {
  for (const kind of kinds) {
    const rules = config.all().flatMap(({ name, value }) => {
      const base = new RegExp(`^url\\.(.*)\\.${kind}$`, 's').exec(name)?.[1];
      return base !== undefined && value !== '' && url.startsWith(value) ? [{ base, value }] : [];
    });
    const longest = rules.sort((a, b) => b.value.length - a.value.length)[0];
    if (longest) return longest.base + url.slice(longest.value.length);
  }
  return url;
}

/** Settings of this repository alone: what a person's global file says would hold for all of them. */
function own(config: Config, name?: string) {
  return config.all(name).filter(({ scope }) => scope === 'local' || scope === 'worktree');
}

function ownValue(config: Config, key: string): string | undefined {
  const dot = key.lastIndexOf('.');
  return own(config, key.slice(0, dot) + key.slice(dot).toLowerCase()).at(-1)?.value;
}
