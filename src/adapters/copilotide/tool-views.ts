import { asArray, asObject, asText, isObject, parseJson } from '../../core/json.ts';
import { toolKey } from './tool-names.ts';

type Fields = { readonly [key: string]: unknown };

/** A call as the model made it. */
export interface Call {
  /** As the results are filed. */
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** One answer of the model: what it thought and said, and the tools it called. */
export interface Round {
  readonly thinking: string | undefined;
  readonly text: string | undefined;
  readonly calls: readonly Call[];
}

/** The rounds of a request; none when it was cancelled or answered without tools by an older version. */
export function roundsOf(metadata: Fields): Round[] {
  return asArray(metadata.toolCallRounds).map((value) => {
    const round = asObject(value);
    return {
      thinking: thought(round.thinking),
      text: asText(round.response),
      calls: asArray(round.toolCalls).map(callOf),
    };
  });
}

function thought(thinking: unknown): string | undefined {
  if (!isObject(thinking)) return undefined;
  const pieces = asArray(thinking.text).filter((piece) => typeof piece === 'string');
  return pieces.join('\n') || asText(thinking.text) || '';
}

function callOf(value: unknown): Call {
  const { id, name, arguments: given } = asObject(value);
  const input = typeof given === 'string' && given !== '' ? (parseJson(given) ?? given) : given;
  return { id: asText(id) ?? '', name: asText(name) ?? 'unknown', input };
}

/** The id that the model gave the call: VS Code adds a suffix of its own. */
export function ownId(call: Call): string {
  return call.id.replace(/__vscode-.*$/, '');
}

/**
 * Which call each shown invocation belongs to: by id, else the next call of the same tool, else, when as many
 * of both are left over, by order.
 */
export function align(invocations: readonly Fields[], calls: readonly Call[]): Map<Fields, Call> {
  const found = new Map<Fields, Call>();
  const free = new Set(calls);
  const pair = (fits: (invocation: Fields, call: Call) => boolean) => {
    for (const invocation of invocations) {
      if (found.has(invocation)) continue;
      const call = [...free].find((candidate) => fits(invocation, candidate));
      if (call === undefined) continue;
      found.set(invocation, call);
      free.delete(call);
    }
  };
  pair(({ toolCallId }, call) => toolCallId === call.id || toolCallId === ownId(call));
  pair(({ toolId }, call) => toolKey(asText(toolId) ?? '') === toolKey(call.name));
  if (invocations.length - found.size === free.size) pair(() => true);
  return found;
}
