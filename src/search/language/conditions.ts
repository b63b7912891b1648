import { reason, SpecstoryError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { type Condition, type Field, type NumberFilter, numberFilters } from '../query.ts';
import { wantedTerms } from '../words.ts';
import { choicesOf, isTextFilter, nearestOperator, normalValue } from './filters.ts';
import type { Value } from './lexer.ts';
import { parseBounds } from './numbers.ts';
import { compilePattern } from './pattern.ts';
import { isTime, nearestTime } from './times.ts';

/** What a piece of a search asks for, and what there is to say about it. Without a condition it asks for nothing. */
export interface Made {
  readonly condition?: Condition;
  readonly message?: string;
}

type Place = { readonly in?: Field };

/** A text to be found. */
export function textCondition(value: Value, field: Field | undefined): Made {
  const place = placeOf(field);
  if (value.kind === 'regex') return regexCondition(value.source, place);
  if (value.kind === 'quoted') return phraseCondition(value.text, place);
  const linked = /^#(\d+)$/.exec(value.text)?.[1];
  if (linked !== undefined && field !== 'title') {
    return { condition: { kind: 'any', of: [filter('pr', linked), filter('issue', linked)] } };
  }
  const text = value.text.replace(/^\\\//, '/');
  const word = text.replace(/\*+$/, '');
  if (wantedTerms(word).length > 0) return { condition: { kind: 'word', text: word, prefix: word !== text, ...place } };
  return text.length > 1
    ? phraseCondition(text, place)
    : { message: `There is no word in "${text}": in quotes it is looked for as it stands` };
}

function phraseCondition(text: string, place: Place): Made {
  if (text === '') return {};
  return text.trim() === ''
    ? { message: 'White space alone is not looked for' }
    : { condition: { kind: 'phrase', text, ...place } };
}

function regexCondition(written: string, place: Place): Made {
  // As it is printed: `/` without an escape, and no white space first.
  const source = written.replace(/\\./gs, (found) => (found === '\\/' ? '/' : found)).replace(/^\s/, '[$&]');
  try {
    if (source !== '') compilePattern(source);
    return source === '' ? {} : { condition: { kind: 'regex', source, ...place } };
  } catch (error) {
    if (!(error instanceof SpecstoryError)) throw error;
    return { ...phraseCondition(written, place), message: `${capital(reason(error))}; looked for as a text` };
  }
}

/** `name:value`, where `name` is the operator `operator` and none of those that concern the whole search. */
export function operatorCondition(operator: string, value: Value, field: Field | undefined): Made {
  if (operator === 'title') return textCondition(value, 'title');
  const text = textOf(value);
  if (operator === 're') return regexCondition(text, placeOf(field));
  if (text.trim() === '') return { message: `${operator}: needs a value` };
  if (isNumberFilter(operator)) return numberCondition(operator, text);
  if (operator === 'before' || operator === 'after' || operator === 'on') return timeCondition(operator, text);
  return isTextFilter(operator)
    ? { condition: filter(operator, normalValue(operator, text)), ...valueHint(operator, text) }
    : {};
}

/** For a name that is no operator. */
export function strangerCondition(name: string, value: Value, field: Field | undefined): Made {
  const near = nearestOperator(name);
  const message = `There is no filter ${name}:${near === undefined ? '' : `, did you mean ${near}:?`} It is looked for as a text`;
  return {
    ...textCondition(value.kind === 'bare' ? { kind: 'bare', text: `${name}:${value.text}` } : value, field),
    message,
  };
}

function placeOf(field: Field | undefined): Place {
  return field === undefined ? {} : { in: field };
}

export function textOf(value: Value): string {
  return value.kind === 'regex' ? value.source : value.text;
}

/** What to say of a value that is none of those there are. */
export function valueHint(operator: string, text: string): { message: string } | undefined {
  const choices = choicesOf(operator);
  if (!choices || choices.includes(text.toLowerCase())) return undefined;
  const near = nearest(text, choices);
  return {
    message: `${operator}: does not know "${text}"; ${near ? `did you mean ${near}?` : `there are ${choices.join(', ')}`}`,
  };
}

function numberCondition(operator: NumberFilter, text: string): Made {
  const bounds = parseBounds(operator, text);
  if (bounds) return { condition: { kind: 'number', filter: operator, ...bounds } };
  return {
    message: `${operator}: takes a number, such as ${operator}:>5, ${operator}:<5 or ${operator}:2..8; "${text}" is left out`,
  };
}

/** What is no time may be the name of a tag, so that only who resolves it can tell. */
function timeCondition(side: 'before' | 'after' | 'on', value: string): Made {
  const near = isTime(value) ? undefined : nearestTime(value);
  const message =
    near === undefined
      ? {}
      : { message: `"${value}" is not a time; did you mean ${near}? It is taken as the name of a tag` };
  return { condition: { kind: 'time', side, value }, ...message };
}

function isNumberFilter(operator: string): operator is NumberFilter {
  return numberFilters.some((known) => known === operator);
}

function filter(name: Extract<Condition, { kind: 'filter' }>['filter'], value: string): Condition {
  return { kind: 'filter', filter: name, value };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
