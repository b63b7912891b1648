import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import { asObject, parseJson } from '../../core/json.ts';
import { type ProjectName, type Reindexed, reindexedSchema } from '../../protocol/administration.ts';
import type { Http } from '../../remote/http.ts';
import { askAdmin, saidNo } from './remote-administration.ts';

export type { Reindexed } from '../../protocol/administration.ts';

/** Milliseconds in which a server may be busy with one item and silent. */
const silence = 600_000;

/** Has a server make its index anew, of one project or of all, and hears how far it is. Throws in the words of the server, `unavailable` when the answer breaks off. */
export async function remoteReindex(
  http: Http,
  { server, token, project }: { server: string; token: string; project: ProjectName | undefined },
  hear: (event: Reindexed) => void,
): Promise<void> {
  const body = project ? { project } : {};
  const answer = await askAdmin(http, { server, token, method: 'POST', path: '/reindex', body, timeout: silence });
  for await (const line of linesOf(answer.body)) {
    const said = parseJson(line);
    const event = reindexedSchema.safeParse(said);
    if (event.success) {
      hear(event.data);
      continue;
    }
    const problem = asObject(asObject(said).problem);
    throw 'detail' in problem
      ? saidNo(problem, z.number().catch(500).parse(problem.status))
      : new SpecstoryError('unavailable', `${server} does not answer like a specstory server`);
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const piece of body) {
    const lines = (held + decoder.decode(piece, { stream: true })).split('\n');
    held = lines.pop() ?? '';
    yield* lines;
  }
  if (held !== '') yield held;
}
