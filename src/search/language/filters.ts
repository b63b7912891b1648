import { isAgentId } from '../../core/ids.ts';
import { nearest } from '../../core/nearest.ts';
import { agentOf } from '../../core/provider.ts';
import { fields, groups, numberFilters, sorts, type TextFilter, textFilters } from '../query.ts';

/** Other names of operators, each with the one that is printed. */
const aliases: Readonly<Record<string, string>> = {
  provider: 'agent',
  repo: 'project',
  p: 'project',
  by: 'author',
  path: 'file',
  f: 'file',
  ran: 'cmd',
  sha: 'commit',
  since: 'after',
  until: 'before',
  similar: 'like',
};

const names: ReadonlySet<string> = new Set([
  ...textFilters,
  ...numberFilters,
  ...['before', 'after', 'on', 'in', 'title', 're', 'sort', 'group', 'count'],
]);

/** The operator behind a name or alias, whatever its case; `undefined` where there is none. */
export function operatorOf(name: string): string | undefined {
  const lower = name.toLowerCase();
  const operator = Object.hasOwn(aliases, lower) ? aliases[lower] : lower;
  return operator !== undefined && names.has(operator) ? operator : undefined;
}

/** The name of an operator that is most like `name`. */
export function nearestOperator(name: string): string | undefined {
  return nearest(
    name,
    [...names, ...Object.keys(aliases)].filter((known) => known.length > 1),
  );
}

/** What an exchange or its session can be (`is:`). */
const states = ['shared', 'hidden', 'starred', 'sidechain', 'automated', 'resumed', 'uncommitted'] as const;
/** What can be in an exchange (`has:`). */
const contents = [
  ...([
    'error',
    'test',
    'failing-test',
    'commit',
    'image',
    'correction',
    'secret',
    'question',
    'subagent',
    'plan',
  ] as const),
] as const;
/** What can be missing (`no:`), besides `contents`. */
const facts = ['pr', 'issue', 'tag', 'branch', 'author', 'model', 'cost', 'title', 'file'] as const;

const choices: Readonly<Record<string, readonly string[]>> = {
  is: states,
  has: contents,
  no: [...contents, ...facts],
  in: [...fields, 'any'],
  sort: sorts,
  group: groups,
};

/** The values an operator has, where they are known beforehand. */
export function choicesOf(operator: string): readonly string[] | undefined {
  return Object.hasOwn(choices, operator) ? choices[operator] : undefined;
}

/** A value in the one form that indexes compare with. */
export function normalValue(filter: TextFilter, value: string): string {
  const lower = value.toLowerCase();
  if (filter === 'is' || filter === 'has' || filter === 'no' || filter === 'commit') return lower;
  if (filter === 'pr' || filter === 'issue') return value.replace(/^#(?=\d)/, '');
  if (filter === 'agent') return agentNamed(lower);
  return value;
}

function agentNamed(lower: string): string {
  const name = lower === 'copilot' ? 'copilotide' : lower;
  const agent = agentOf(name, isAgentId(name) ? name : undefined);
  return agent === 'specstory' ? name : agent;
}

export function isTextFilter(operator: string): operator is TextFilter {
  return textFilters.some((filter) => filter === operator);
}
