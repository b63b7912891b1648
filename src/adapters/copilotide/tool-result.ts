import { asArray, asNumber, asObject, asText, isObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { fromUri } from '../../core/paths.ts';

type Fields = { readonly [key: string]: unknown };

/** What a tool answered. */
export interface Outcome {
  readonly ok: boolean;
  readonly text: string;
}

/** A text that may be Markdown: `'text'` or `{ value: 'text' }`. */
export function markdown(value: unknown): string {
  return asText(value) ?? asText(asObject(value).value) ?? '';
}

/**
 * The outcome of a call from what the model was given (`filed`) and what the window shows (`invocation`); `undefined`
 * while there is none, as in a request that was cancelled.
 */
export function outcomeOf(invocation: Fields, filed: unknown): Outcome | undefined {
  const details = asObject(invocation.resultDetails);
  const terminal = asObject(invocation.toolSpecificData);
  const exitCode = asNumber(asObject(terminal.terminalCommandState).exitCode);
  const given = contentText(filed) || detailsText(invocation.resultDetails) || outputOf(terminal);
  const text = given || shown(invocation);
  if (text === '' && filed === undefined && invocation.isComplete !== true) return undefined;
  const said =
    exitCode === undefined || exitCode === 0 || new RegExp(`exit(?:ed with)? code:? ${exitCode}\\b`, 'i').test(text);
  return {
    ok: details.isError !== true && !refused(invocation) && (exitCode ?? 0) === 0,
    text: said ? text : `${text}${text === '' ? '' : '\n\n'}Exit code: ${exitCode}`,
  };
}

/** The person said no (`isConfirmed` was a flag first, then a kind: 0 denied, 5 skipped). */
export function refused({ isConfirmed }: Fields): boolean {
  const { type } = asObject(isConfirmed);
  return isConfirmed === false || type === 0 || type === 5;
}

/** Text of a filed result: strings, or trees of text whose leaves may ask for a line of their own. */
function contentText(filed: unknown): string {
  const texts = asArray(asObject(filed).content).map((item) => {
    const value = isObject(item) ? item.value : item;
    return typeof value === 'string' ? value : leaves(asObject(value).node, 0).reduce(appended, '');
  });
  return texts.filter(Boolean).join('\n');
}

function leaves(node: unknown, depth: number): Fields[] {
  if (!isObject(node) || depth > limits.depth) return [];
  if (typeof node.text === 'string') return [node];
  return asArray(node.children).flatMap((below) => leaves(below, depth + 1));
}

function appended(text: string, leaf: Fields): string {
  const separate = leaf.lineBreakBefore === true && text !== '' && !text.endsWith('\n');
  return `${text}${separate ? '\n' : ''}${leaf.text}`;
}

/** `resultDetails`: places that were looked at, or the output of a tool. */
function detailsText(details: unknown): string {
  if (Array.isArray(details)) return asArray(details).map(placeOf).filter(Boolean).join('\n');
  const output = asObject(details).output;
  if (typeof output === 'string') return output;
  const texts = asArray(output).map((item) => (asObject(item).isText === false ? '' : markdown(item)));
  return texts.filter(Boolean).join('\n');
}

/** The path of an address, or of an address and a range. */
export function placeOf(value: unknown): string {
  const place = asObject(isObject(asObject(value).uri) ? asObject(value).uri : value);
  const text = asText(place.fsPath) ?? asText(place.path) ?? asText(place.external) ?? asText(value);
  return text === undefined ? '' : fromUri(text);
}

function outputOf(terminal: Fields): string {
  const { terminalCommandOutput: output } = terminal;
  return asText(output) ?? asText(asObject(output).text) ?? '';
}

/** The line in the window, when it tells of something done: `Read [](file:///a/b.ts)`. */
function shown(invocation: Fields): string {
  if (invocation.isComplete !== true) return '';
  const line = markdown(invocation.pastTenseMessage) || markdown(invocation.invocationMessage);
  return line.replace(/\[\]\(([^)\s]+)\)/g, (_, address: string) => fromUri(address.replace(/#.*$/, '')));
}
