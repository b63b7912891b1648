import { getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { SpecstoryError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { FileEdit } from './adapter.ts';
import { insertInto, layoutOf, takeOut } from './settings-text.ts';

/** What is to be added to an agent's settings so that it calls us. */
interface SettingsEntries extends Pick<FileEdit, 'path' | 'scope'> {
  /** The command in the entries. */
  readonly command: string;
  /** The agent's events that we want to hear of: the names of lists below `hooks`. */
  readonly events: readonly string[];
  /** What stands in each of these lists. */
  readonly entry: JsonObject;
  /** What a file must say besides: it is in one that we make, and in one that is there it must be there. */
  readonly seed?: JsonObject;
}

/**
 * An edit of a JSON settings file; comments and trailing commas are understood. It only puts text in: what is there keeps its
 * bytes, and taking ours out gives them back (`settings-text.ts` says how). `add` throws `config` for a file that is not such JSON.
 */
export function settingsEdit({ path, scope, command, events, entry, seed = {} }: SettingsEntries): FileEdit {
  const isOurs = (value: unknown): boolean => mentions(value, command);
  const strip = (text: string): string | undefined => without(text, isOurs, seed);
  return {
    path,
    scope,
    add: (before) => {
      const root = before === undefined ? undefined : checkedRoot(before, path, seed);
      if (before !== undefined && root && isComplete(root, events, entry, isOurs)) return before;
      const text = events.reduce(
        (bare, event) => withEntry(bare, event, entry, { path, seed }),
        before === undefined ? undefined : strip(before),
      );
      return text ?? '';
    },
    remove: strip,
  };
}

/** Whether a value calls us, whatever version of us wrote it: the script has the same name in every installation. */
function mentions(value: unknown, command: string): boolean {
  if (typeof value === 'string') return value === command || /specstory.*\bagent-hook\b/s.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some((inner) => mentions(inner, command));
}

/** The object that a settings file holds; nothing for an empty file. */
function checkedRoot(text: string, path: string, seed: JsonObject): Node | undefined {
  if (text.trim() === '') return undefined;
  const root = parsed(text);
  const hint = 'mend the file, or add the hook by hand: docs/hooks.md';
  if (root?.type !== 'object') throw new SpecstoryError('config', `${path} does not hold a JSON object`, { hint });
  for (const [key, value] of Object.entries(seed)) {
    const there = member(root, key);
    if (there && getNodeValue(there) === value) continue;
    const said = `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    throw new SpecstoryError('config', `${path} does not say ${said}`, { hint: `add ${said}, then try again` });
  }
  return root;
}

function parsed(text: string): Node | undefined {
  if (nesting(text) > deepest) return undefined;
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  return errors.length === 0 ? root : undefined;
}

/** No settings are nested like that, and the parser calls itself for each level. */
const deepest = 500;

/** At least the depth of the value; brackets in texts count as well. */
function nesting(text: string): number {
  let [depth, most] = [0, 0];
  for (const [bracket] of text.matchAll(/[[{\]}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
}

/** The value of a key: the last one counts, as for every reader of JSON. */
function member(object: Node, key: string): Node | undefined {
  return object.children?.findLast((property) => property.children?.[0]?.value === key)?.children?.[1];
}

function isComplete(
  root: Node,
  events: readonly string[],
  entry: JsonObject,
  isOurs: (value: unknown) => boolean,
): boolean {
  const lists = member(root, 'hooks');
  const inPlace = events.every((event) =>
    (lists && member(lists, event))?.children?.some((child) => isSame(getNodeValue(child), entry)),
  );
  return inPlace && ourElements(root, isOurs).length === events.length;
}

function isSame(value: unknown, other: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(other);
}

/** The innermost elements of lists that call us, with nothing of others in them. */
function ourElements(node: Node, isOurs: (value: unknown) => boolean): Node[] {
  const inner = (node.children ?? []).flatMap((child) => ourElements(child, isOurs));
  if (inner.length > 0 || node.parent?.type !== 'array' || !isOurs(getNodeValue(node))) return inner;
  return [node];
}

function withEntry(
  text: string | undefined,
  event: string,
  entry: JsonObject,
  { path, seed }: { readonly path: string; readonly seed: JsonObject },
): string {
  const root = text === undefined ? undefined : checkedRoot(text, path, {});
  if (text === undefined || !root) return made({ ...seed, hooks: { [event]: [entry] } }, text);
  const layout = layoutOf(text);
  const hooks = member(root, 'hooks');
  if (!hooks) return insertInto(layout, root, { [event]: [entry] }, 'hooks');
  const list = hooks.type === 'object' ? member(hooks, event) : undefined;
  if (hooks.type === 'object' && !list) return insertInto(layout, hooks, [entry], event);
  if (list?.type === 'array') return insertInto(layout, list, entry);
  const what = list ? `hooks.${event} is not a list` : 'hooks is not an object';
  throw new SpecstoryError('config', `${path}: ${what}`, { hint: 'mend the file, then try again' });
}

/** A file of our own. The blank behind its last value says so; blanks that were there before follow two of ours. */
function made(content: JsonObject, blank: string | undefined): string {
  const text = JSON.stringify(content, undefined, 2).replace(/\n\}$/, ' \n}');
  return blank === undefined ? `${text}\n` : `${text}  ${blank}`;
}

/** The text without anything of ours; `undefined` when nothing is left of a file that we made. */
function without(text: string, isOurs: (value: unknown) => boolean, seed: JsonObject): string | undefined {
  for (let rest = text; ; ) {
    const root = parsed(rest);
    const element = root && ourElements(root, isOurs).at(-1);
    if (!root || !element) return rest;
    const next = takeOut(rest, groupOf(element), (remaining) => sameAsSeed(remaining, seed));
    if (next === undefined || next === rest) return next;
    rest = next;
  }
}

/** A list of commands that holds ours only belongs to a group that we made. */
function groupOf(element: Node): Node {
  const object = element.parent?.parent?.parent;
  const isOnly = element.parent?.children?.length === 1 && object?.parent?.type === 'array';
  return isOnly && object ? object : element;
}

function sameAsSeed(properties: readonly Node[], seed: JsonObject): boolean {
  const entries = properties.map(({ children = [] }) => [children[0]?.value, children[1] && getNodeValue(children[1])]);
  return isSame(Object.fromEntries(entries), seed);
}
