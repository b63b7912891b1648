import { SpecstoryError } from '../../core/errors.ts';
import { IndexPack } from '../../git/index-pack.ts';
import type { Scratch } from '../../git/scratch.ts';
import type { Body } from '../body.ts';
import type { PushLimits } from './limits.ts';

const headerBytes = 12;

/**
 * Hands the pack in a body on to git as it arrives; nothing when it has no objects. Its index is ready once `finish` of what is given has
 * returned. Throws `unsupported` with the reason for a pack that is not to be taken, and `BodyProblem` when the body breaks off.
 */
export async function takePack(
  body: Body,
  into: Scratch,
  limits: PushLimits,
  onProgress: ((text: string) => void) | undefined,
): Promise<IndexPack | undefined> {
  const head = await readHead(body);
  const objects = objectCount(head);
  if (objects > limits.objects) refuse(`a pack of ${objects} objects: at most ${limits.objects} in one push`);
  const pack = await IndexPack.start(into, {
    maxBytes: limits.packBytes,
    limits: limits.git,
    patience: limits.patience,
    onProgress,
  });
  try {
    await pack.write(head);
    for (let chunk = await body.next(); chunk; chunk = await body.next()) await pack.write(chunk);
  } catch (thrown) {
    await pack.kill();
    throw thrown;
  }
  if (objects > 0) return pack;
  await pack.finish();
  return undefined;
}

async function readHead(body: Body): Promise<Uint8Array> {
  let head = Buffer.alloc(0);
  while (head.length < headerBytes) {
    const chunk = await body.next();
    if (!chunk) refuse(head.length === 0 ? 'no pack came with the push' : 'the pack was cut short');
    head = Buffer.concat([head, chunk]);
  }
  return head;
}

/** gitformat-pack: `PACK`, version, number of objects. */
function objectCount(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, headerBytes);
  if (view.getUint32(0) !== 0x5041434b || view.getUint32(4) !== 2) refuse('what came is not a pack');
  return view.getUint32(8);
}

function refuse(why: string): never {
  throw new SpecstoryError('unsupported', why);
}
