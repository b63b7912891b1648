import { readConfig } from '../../git/repository.ts';
import { online } from '../account/online.ts';
import type { Context } from '../context.ts';
import { type Audience, audienceOf } from './audience.ts';
import { namedRemotes } from './named-remote.ts';

/** Where something of this repository goes, and who can read it there. */
export interface Route {
  readonly name: string;
  readonly url: string;
  readonly onPush: boolean;
  /** Why nothing goes there at the moment. */
  readonly problem: string | null;
  readonly audience: Audience | null;
}

/** Every place that this repository sends to. Asks servers and hosts; sends nothing. */
export async function routes(context: Context, place: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Route[]> {
  const remotes = namedRemotes(await readConfig(context.repository));
  return online(place, async (ways) => {
    const found: Route[] = [];
    for (const remote of remotes) {
      const { name, url, onPush, problem, target } = remote;
      const audience = target ? await audienceOf({ ...remote, target }, ways) : null;
      found.push({ name, url, onPush, problem: problem ?? null, audience });
    }
    return found;
  });
}
