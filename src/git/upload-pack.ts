import type { Child } from '../platform/process.ts';
import type { Repository } from './repository.ts';
import { placeOf, startGit } from './run.ts';

/** Only what writers pushed is shown, whatever else may come to lie in the repository. */
const config = [
  'transfer.hideRefs=refs',
  'transfer.hideRefs=!refs/specstory/writers',
  'uploadpack.allowFilter=true',
  'uploadpack.allowAnySHA1InWant=false',
  'uploadpack.keepAlive=5',
  'transfer.advertiseObjectInfo=false',
  'lsrefs.unborn=ignore',
];

const limits = { memory: 2 * 2 ** 30, cpu: 600 };

/**
 * Starts `git upload-pack` for one request of smart HTTP: to say what there is (`advertise`), or to answer what is written to it. `protocol` is
 * the header `Git-Protocol`; anything but a version is dropped.
 */
export function startUploadPack(
  repository: Repository,
  what: 'advertise' | 'answer',
  protocol: string,
): Promise<Child> {
  const version = protocol.split(':').find((word) => /^version=[012]$/.test(word));
  const args = [
    'upload-pack',
    '--strict',
    '--stateless-rpc',
    ...(what === 'advertise' ? ['--http-backend-info-refs'] : []),
  ];
  return startGit([...args, '--', repository.gitDir], {
    ...placeOf(repository),
    config,
    limits,
    ...(version ? { env: { GIT_PROTOCOL: version } } : {}),
  });
}
