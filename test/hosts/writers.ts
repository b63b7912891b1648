import { capture } from '../../src/client/capture/capture.ts';
import { writerOf } from '../../src/client/capture/writer.ts';
import { type Context, openContext } from '../../src/client/context.ts';
import { claudeTranscript, type Scratch, scratch } from './scratch.ts';

/** Opens a repository that is set up for capturing. */
export async function opened(world: Scratch): Promise<Context> {
  const context = await openContext({ cwd: world.repository, env: world.env });
  await writerOf(context);
  return context;
}

/** A clone with captured sessions: id, number of prompts, and what the prompts say. */
export async function writerWith(
  ...sessions: readonly (readonly [id: string, turns: number, say?: (turn: number) => string])[]
): Promise<Scratch> {
  const world = scratch();
  for (const session of sessions) plantSession(world, ...session);
  await capture(await opened(world));
  return world;
}

/** Writes a transcript whose paths do not tell where it was made, so that two clones can have the same one. */
export function plantSession(world: Scratch, id: string, turns: number, say?: (turn: number) => string): void {
  world.plantClaude(id, claudeTranscript(world.repository, id, turns, say).join(''));
}

/** Fetches what one clone captured into another one, as a remote of that name would bring it. */
export async function fetchFrom(from: Scratch, to: Scratch, remote = 'origin'): Promise<string> {
  const writer = await writerOf(await opened(from));
  for (const kind of ['history', 'raw']) {
    const spec = `+refs/specstory/${kind}:refs/specstory/remotes/${remote}/${writer}/${kind}`;
    to.git('fetch', '-q', from.repository, spec);
  }
  return writer;
}
