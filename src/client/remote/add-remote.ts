import { rmSync, writeFileSync } from 'node:fs';
import { SpecstoryError } from '../../core/errors.ts';
import { refs } from '../../core/layout.ts';
import { projectIdentity } from '../../core/project-id.ts';
import { type ConfigChange, changeConfig } from '../../git/change-config.ts';
import { type Config, readConfig } from '../../git/repository.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { checkRemoteName, effectiveUrls, namedRemotes, remoteKeys, trackingRefspec } from './named-remote.ts';
import { parseTarget, type Target } from './target.ts';

export interface RemoteOptions {
  readonly url: string;
  readonly name: string;
  /** On a server of ours; the repository's own id unless told. */
  readonly project?: string;
  readonly onPush: boolean;
  readonly cwd: string;
}

/** What `remote add` would change. */
export interface RemotePlan {
  readonly name: string;
  readonly target: Target;
  readonly onPush: boolean;
  /** Empty when the remote is there already, just so. */
  readonly changes: readonly ConfigChange[];
}

/** SpecStory's id of this repository: a server of ours knows the project by it unless told another name. */
function projectOf(context: Context, config: Config): string {
  const origin = config.all('remote.origin.url').find(({ scope }) => scope === 'local')?.value;
  const { platform } = context.host;
  const { gitId, workspaceId } = projectIdentity({ origin, root: context.repository.root, platform });
  return gitId ?? workspaceId;
}

/** Looks at what is there and says what would change. Throws `usage` for an address that cannot be used and a name that is taken. */
export async function planRemote(context: Context, options: RemoteOptions): Promise<RemotePlan> {
  const config = await readConfig(context.repository);
  const name = checkRemoteName(options.name);
  const project = options.project ?? projectOf(context, config);
  const target = parseTarget(options.url, {
    project,
    isProjectNamed: options.project !== undefined,
    cwd: options.cwd,
  });
  const keys = remoteKeys(name);
  const onPush: ConfigChange[] = options.onPush ? [{ kind: 'set', name: keys.onPush, value: 'true' }] : [];
  const plan = { name, target, onPush: options.onPush };
  const known = namedRemotes(config).find((remote) => remote.name === name);
  if (known?.target && known.url === target.url) {
    return { ...plan, onPush: known.onPush || options.onPush, changes: known.onPush ? [] : onPush };
  }
  const taken = config.get(keys.url);
  if (taken !== undefined || known) {
    const hint = known ? `first run: specstory remote remove ${name}` : 'choose another one with --name';
    throw new SpecstoryError('usage', `there is a remote ${name} already: ${taken ?? 'without an address'}`, { hint });
  }
  return { ...plan, changes: [...(await settings(context, config, name, target)), ...onPush] };
}

/** The consent comes last: a remote that was only half written is never sent to. */
async function settings(context: Context, config: Config, name: string, target: Target): Promise<ConfigChange[]> {
  const keys = remoteKeys(name);
  const writer = `refs/specstory/writers/${await writerOf(context)}`;
  // A pattern, because a repository without original records has no such ref, and git fails for a name that is missing.
  const raw: ConfigChange[] = context.config.capture.raw
    ? [{ kind: 'add', name: keys.push, value: `${refs.raw}*:${writer}/raw*` }]
    : [];
  const places = effectiveUrls(config, [target.url], name);
  return [
    { kind: 'set', name: keys.url, value: target.url },
    { kind: 'set', name: keys.fetch, value: trackingRefspec(name) },
    { kind: 'set', name: keys.push, value: `${refs.history}:${writer}/history` },
    ...raw,
    { kind: 'set', name: keys.tags, value: '--no-tags' },
    ...places.map((value): ConfigChange => ({ kind: 'add', name: keys.consent, value })),
  ];
}

/** Does what was planned. */
export async function addRemote(context: Context, plan: RemotePlan): Promise<void> {
  await changeConfig(context.repository, plan.changes);
  markOnPush(context, await readConfig(context.repository));
}

/** The mark by which the hook knows, without a process, that a push of code is to be followed by a sync. */
export function markOnPush(context: Context, config: Config): void {
  const mark = context.place('on-push');
  if (namedRemotes(config).some(({ onPush }) => onPush)) writeFileSync(mark, '');
  else rmSync(mark, { force: true });
}
