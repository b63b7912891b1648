import type { Condition, Field, Query } from '../query.ts';
import { excludable } from './lexer.ts';
import { printBounds } from './numbers.ts';

/** A search as people write it; `parseQuery` reads it as the same search. */
export function printQuery({ where, sort, group, count }: Query): string {
  const settings = Object.entries({ sort, group, count }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}:${value}`],
  );
  return [...(where ? [printed(where, undefined)] : []), ...settings].join(' ');
}

/** A condition as it stands in a row of others, with `field` said before. */
export function printed(condition: Condition, field: Field | undefined): string {
  if (condition.kind !== 'any') return row(condition.kind === 'all' ? condition.of : [condition], field);
  const pair = linked(condition.of);
  return pair ?? condition.of.map((one) => row(one.kind === 'all' ? one.of : [one], field)).join(' OR ');
}

/** Conditions that all hold. `in:` counts for what follows it where there are two of them, else for the whole row. */
function row(conditions: readonly Condition[], inherited: Field | undefined): string {
  const said: number[] = [];
  let field = inherited;
  const words = conditions.map((one, at) => {
    const own = fieldOf(one);
    if (!own || own.field === field) return single(one, field);
    field = own.field;
    said.push(at);
    return `in:${field ?? 'any'} ${single(one, field)}`;
  });
  const late = said.length === 1 && said[0] !== 0;
  return (late ? [`in:${inherited ?? 'any'}`, ...words] : words).join(' ');
}

/** The field of a text, excluded or not; nothing for what is no text, or says its field itself. */
function fieldOf(condition: Condition): { field: Field | undefined } | undefined {
  if (condition.kind === 'not') return fieldOf(condition.of);
  if (condition.kind !== 'word' && condition.kind !== 'phrase' && condition.kind !== 'regex') return undefined;
  return condition.in === 'title' ? undefined : { field: condition.in };
}

function single(condition: Condition, field: Field | undefined): string {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return (condition.kind === 'any' && linked(condition.of)) || `(${printed(condition, field)})`;
    case 'not': {
      const what = single(condition.of, field);
      return excludable.test(what) ? `-${what}` : `NOT ${what}`;
    }
    case 'filter':
      return `${condition.filter}:${value(condition.value)}`;
    case 'time':
      return `${condition.side}:${value(condition.value)}`;
    case 'number':
      return `${condition.filter}:${printBounds(condition)}`;
    default:
      return condition.in === 'title' ? `title:${text(condition)}` : text(condition);
  }
}

function text(condition: Extract<Condition, { kind: 'word' | 'phrase' | 'regex' }>): string {
  if (condition.kind === 'phrase') return quoted(condition.text);
  if (condition.kind === 'regex')
    return `/${condition.source.replace(/\\.|\//gs, (found) => (found === '/' ? '\\/' : found))}/`;
  const word = condition.text.replace(/^\//, '\\/');
  return condition.prefix ? `${word}*` : word;
}

/** `#214`, which may be either. */
function linked(of: readonly Condition[]): string | undefined {
  const [pr, issue, more] = of;
  const number = pr?.kind === 'filter' && pr.filter === 'pr' && /^\d+$/.test(pr.value) ? pr.value : undefined;
  const same = issue?.kind === 'filter' && issue.filter === 'issue' && issue.value === number && !more;
  return same ? `#${number}` : undefined;
}

function value(text: string): string {
  return /^(?!\/\/)[^\s"()|]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
