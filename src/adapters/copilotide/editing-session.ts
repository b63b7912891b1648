import type { Host } from '../../core/host.ts';
import { asArray, asObject, asText, parseJson } from '../../core/json.ts';
import type { Edit } from '../../core/session.ts';
import { toolInput } from '../content.ts';
import { addition, rewrite } from '../edits.ts';
import { editsOfCall } from './edits.ts';
import { placeOf } from './tool-result.ts';
import { roundsOf } from './tool-views.ts';

type Fields = { readonly [key: string]: unknown };

/** Bytes of the largest file whose content before and after is compared. */
const contentLimit = 4 << 20;

/** `state` of an edit that the person refused. */
const refused = 2;

/** The file that says how a session's edits stand. */
export function editingState(host: Host, storage: string, session: string): string {
  return host.path.join(storage, 'chatEditingSessions', session, 'state.json');
}

/**
 * What VS Code kept of each file that a session edited, before and after, as edits of the request that made them. A file that
 * more than one request edited is left out: what is kept does not tell their parts.
 */
export function provenEdits(host: Host, state: string, requests: readonly Fields[]): Map<string, Edit[]> {
  const snapshot = asObject(parseJson(host.files.text(state) ?? '')).recentSnapshot;
  const places = requests.map(editedPlaces);
  const proven = new Map<string, Edit[]>();
  for (const entry of asArray(asObject(snapshot).entries).map(asObject)) {
    const request = asText(asObject(entry.telemetryInfo).requestId);
    const path = placeOf(entry.resource);
    const editing = requests.filter((_, at) => places[at]?.has(path));
    if (request === undefined || path === '' || editing.some(({ requestId }) => requestId !== request)) continue;
    const edit = editOf(host, host.path.join(host.path.dirname(state), 'contents'), path, entry);
    if (edit) proven.set(request, [...(proven.get(request) ?? []), edit]);
  }
  return proven;
}

function editOf(host: Host, contents: string, path: string, entry: Fields): Edit | undefined {
  const [before, after] = [entry.originalHash, entry.currentHash].map((hash) =>
    typeof hash === 'string' && /^\w{1,128}$/.test(hash)
      ? host.files.text(host.path.join(contents, hash), contentLimit)
      : undefined,
  );
  if (before === undefined || after === undefined || before === after) return undefined;
  const edit = before === '' ? addition(path, after) : rewrite(path, before, after);
  return entry.state === refused ? { ...edit, rejected: true } : edit;
}

/** The files that a request edited, as far as its answer tells. */
function editedPlaces(request: Fields): Set<string> {
  const shown = asArray(request.response).map(asObject);
  const groups = shown.filter(({ kind }) => kind === 'textEditGroup' || kind === 'notebookEditGroup');
  const calls = roundsOf(asObject(asObject(request.result).metadata)).flatMap((round) => round.calls);
  const asked = calls.flatMap(({ name, input }) => editsOfCall(name, toolInput(input), (path) => path));
  return new Set([...groups.map(({ uri }) => placeOf(uri)), ...asked.map(({ path }) => path)]);
}
