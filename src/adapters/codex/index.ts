import type { Adapter } from '../adapter.ts';
import { CodexFold } from './codex-fold.ts';
import { codexId } from './codex-id.ts';
import { codexHooks } from './hooks.ts';
import { changingPlaces, projectSources, sourceAt } from './rollout-files.ts';
import { storeAt } from './rollout-store.ts';
import { threadRecords } from './thread-records.ts';

/** OpenAI Codex: the command line, the editor extension and the desktop app, which share one store. */
export const codex: Adapter = {
  id: codexId,
  label: 'Codex CLI',
  provider: 'codex-cli',
  places: (host) => changingPlaces(host),
  find: (host, project, known) => projectSources(host, project, known),
  *open(host, path) {
    if (host.files.stat(path)?.kind !== 'file') return;
    const { generation, compressed } = storeAt(host, path);
    if (generation === undefined) return;
    const appendOnly = generation === 'lines' && !compressed;
    for (const source of sourceAt(host, path)) yield { ...source, appendOnly };
  },
  records: threadRecords,
  parser: (context, state) => new CodexFold(context, state),
  hooks: codexHooks,
};
