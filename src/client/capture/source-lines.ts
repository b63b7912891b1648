import { asArray, parseJson, parseJsonLines } from '../../core/json.ts';
import { readText } from './read-text.ts';

/** What is known of a source without opening anything. */
export interface Known {
  readonly agent: string;
  readonly key: string;
  readonly version: string;
  /** Ids of the sessions it held. */
  readonly sessions: readonly string[];
}

/** Names a source among those of all agents. */
export function nameOf({ agent, key }: { readonly agent: string; readonly key: string }): string {
  return `${agent} ${key}`;
}

/** A source as one line of JSON, as `knownIn` reads it. */
export function lineOf({ agent, key, version, sessions }: Known): string {
  return `${JSON.stringify([agent, key, version, sessions])}\n`;
}

/** What the lines of a text say, by the name of the source: of several lines the last counts, a damaged one is as good as none. */
export function knownIn(text: string): { known: Map<string, Known>; lines: number } {
  const lines = parseJsonLines(text);
  const all = lines.map(knownOf).filter((known) => known !== undefined);
  return { known: new Map(all.map((known) => [nameOf(known), known])), lines: lines.length };
}

/** There may be ten thousand: a schema would take ten times as long. */
function knownOf(line: unknown): Known | undefined {
  const [agent, key, version, sessions] = asArray(line);
  if (typeof agent !== 'string' || typeof key !== 'string' || typeof version !== 'string') return undefined;
  return { agent, key, version, sessions: asArray(sessions).filter((id) => typeof id === 'string') };
}

/** Sources that are asked for one by one until all are read: reading ten thousand lines takes longer than finding a few. */
const few = 16;

/** A file with one line per source, which is read when the first is asked for. */
export class SourceLines {
  private readonly path: string;
  private text: string | undefined;
  private asked = 0;
  private all: Map<string, Known> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  get(source: { readonly agent: string; readonly key: string }): Known | undefined {
    if (this.all === undefined && this.asked++ < few) return this.find(source);
    return this.known.get(nameOf(source));
  }

  get known(): ReadonlyMap<string, Known> {
    this.text ??= readText(this.path);
    this.all ??= knownIn(this.text).known;
    return this.all;
  }

  private find({ agent, key }: { readonly agent: string; readonly key: string }): Known | undefined {
    this.text ??= readText(this.path);
    const start = `${JSON.stringify([agent, key]).slice(0, -1)},`;
    const at = this.text.startsWith(start) ? 0 : this.text.indexOf(`\n${start}`) + 1;
    if (at === 0 && !this.text.startsWith(start)) return undefined;
    const end = this.text.indexOf('\n', at);
    return knownOf(parseJson(this.text.slice(at, end < 0 ? undefined : end)));
  }
}
