import { isAgentId, isExchangeId } from '../core/ids.ts';
import { isObject } from '../core/json.ts';
import { Fields, type RedactField } from './fields.ts';

/** Where a part of our own model holds ids, times and words of ours: they stay usable, and only certain secrets go from them. */
interface Shape {
  readonly ids: readonly string[];
  readonly inside?: { readonly [key: string]: Shape };
}

const part: Shape = {
  ids: ['kind', 'id', 'call', 'type', 'session', 'sha256', 'label'],
  inside: { edits: { ids: ['change'] } },
};
const message: Shape = { ids: ['role', 'id', 'at'], inside: { parts: part } };
const exchange: Shape = { ids: ['id', 'parent', 'startedAt', 'endedAt'], inside: { messages: message } };
const meta: Shape = { ids: ['id', 'agent', 'parent', 'forkedFrom', 'createdAt', 'updatedAt'] };

export interface Walk {
  readonly field: RedactField;
  readonly id: (text: string) => string;
  /** Stands for what is nested too deeply to be looked at. */
  readonly tooDeep: () => string;
}

const deepest = 400;

/**
 * A JSON-like value with every string and every key redacted; the very same value when nothing changed.
 * Exchanges and session metadata inside it keep their ids.
 */
export function redactValue<T>(value: T, walk: Walk): T;
export function redactValue(value: unknown, walk: Walk): unknown {
  return new Walker(walk).value(value, 0, undefined);
}

class Walker {
  private readonly fields = new Fields();
  private readonly walk: Walk;

  constructor(walk: Walk) {
    this.walk = walk;
  }

  value(value: unknown, depth: number, shape: Shape | undefined): unknown {
    if (typeof value === 'string') return this.walk.field(value, this.fields.namesOf(value));
    if (typeof value !== 'object' || value === null) return value;
    if (depth > deepest) return this.walk.tooDeep();
    if (Array.isArray(value)) {
      const items = value.map((item: unknown) => this.value(item, depth + 1, shape));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    return isObject(value) ? this.object(value, depth, shape ?? shapeOf(value)) : value;
  }

  private object(value: { [key: string]: unknown }, depth: number, shape: Shape | undefined): unknown {
    const result = new Map<string, unknown>();
    let changed = false;
    for (const [key, item] of Object.entries(value)) {
      const name = free(result, this.walk.field(key));
      this.fields.enter(key);
      const isId = typeof item === 'string' && shape?.ids.includes(key);
      const next = isId ? this.walk.id(item) : this.value(item, depth + 1, shape?.inside?.[key]);
      changed ||= name !== key || next !== item;
      result.set(name, next);
    }
    return changed ? Object.fromEntries(result) : value;
  }
}

function shapeOf(value: { [key: string]: unknown }): Shape | undefined {
  const { id, agent, messages } = value;
  if (typeof id !== 'string') return undefined;
  if (Array.isArray(messages) && isExchangeId(id)) return exchange;
  return typeof agent === 'string' && isAgentId(agent) ? meta : undefined;
}

/** A key that is not taken: two different secrets may become the same placeholder. */
function free(taken: ReadonlyMap<string, unknown>, key: string): string {
  let name = key;
  for (let count = 2; taken.has(name); count++) name = `${key} (${count})`;
  return name;
}
