import type { Searched } from '../../client/search/search-history.ts';
import { counted } from '../../core/text.ts';
import { printQuery } from '../../search/language/print.ts';
import type { Hit, HitGroup, Snippet, Total } from '../../search/search-index.ts';
import type { Output } from '../output.ts';

/** What was found, for people. */
export function showFound(output: Output, { result }: Searched): void {
  for (const group of result.groups) showGroup(output, group);
  if (result.relaxed) return;
  if (result.groups.length > 0) output.note(`${said(result.total)} in ${counted(result.groups.length, 'group')} shown`);
  if (result.next !== undefined) output.note(`more: --cursor ${result.next}`);
}

/** What a person should know of a search, on standard error. */
export function showNotes(output: Output, { query, diagnostics, result }: Searched): void {
  for (const { message } of diagnostics) output.note(`note: ${message}`);
  for (const note of result.notes) output.note(`note: ${note}`);
  if (result.total.count > 0) return;
  output.note(`nothing has all of it: ${printQuery(query) || 'there is nothing yet'}`);
  for (const { part, ...total } of result.parts) output.note(`  ${printQuery({ where: part })}: ${said(total)}`);
  if (result.relaxed) output.note(`found without ${printQuery({ where: result.relaxed.dropped })}:`);
}

/** As Markdown. */
export function foundMarkdown({ result }: Searched): string {
  const groups = result.groups.map(({ title, agent, hits, more, key }) => {
    const lines = hits.map(
      (hit) => `- \`${hit.session}\` #${hit.ordinal} (${hit.exchange}) ${hit.snippet.label}: ${inline(hit.snippet)}`,
    );
    return `## ${oneOf(title, key)} (${agent})\n\n${lines.join('\n')}${more > 0 ? `\n- ${more} more` : ''}\n`;
  });
  return groups.join('\n');
}

/** For programs. */
export function foundJson({ query, diagnostics, result, explain }: Searched): Record<string, unknown> {
  return {
    query: printQuery(query),
    total: result.total.count,
    more: result.total.isMore,
    relaxed: result.relaxed
      ? { query: printQuery(result.relaxed.query), without: printQuery({ where: result.relaxed.dropped }) }
      : null,
    results: result.groups.map((group) => ({
      ...group,
      branch: group.branch ?? null,
      author: group.author ?? null,
      hits: group.hits.map(hitJson),
    })),
    parts: result.parts.map(({ part, count, isMore }) => ({ part: printQuery({ where: part }), count, more: isMore })),
    facets: result.facets,
    notes: [...diagnostics.map(({ message }) => message), ...result.notes],
    next_cursor: result.next ?? null,
    ...(explain ? { explain: explainJson(explain) } : {}),
  };
}

/** The search taken apart. */
export function showExplain(output: Output, explain: NonNullable<Searched['explain']>): void {
  output.line(JSON.stringify(explain.query.where ?? null, null, 2));
  for (const { part, ...total } of explain.parts) output.line(`${printQuery({ where: part })}: ${said(total)}`);
  const rows = explain.plan.map(({ step, rows, ms }) => [String(rows), ms.toFixed(1), step]);
  output.table(rows, ['ROWS', 'MS', 'STEP']);
  output.line(`${explain.ms.toFixed(1)} ms`);
}

function explainJson({ query, plan, parts, ms }: NonNullable<Searched['explain']>): Record<string, unknown> {
  return {
    tree: query.where ?? null,
    plan,
    parts: parts.map(({ part, ...total }) => ({ part: printQuery({ where: part }), ...total })),
    ms,
  };
}

function hitJson({ at, project: _, writer: __, ...hit }: Hit): Record<string, unknown> {
  return { ...hit, at: at ?? null };
}

function showGroup(output: Output, { title, agent, branch, author, hits, more, key }: HitGroup): void {
  const about = [agent, branch, author?.replace(/ <[^>]*>$/, ''), hits[0]?.session].filter(Boolean).join(' · ');
  output.line(`${output.style('bold', oneOf(title, key))}  ${output.style('dim', about)}`);
  for (const hit of hits) {
    const also = hit.alsoIn.length > 0 ? ` (also in ${counted(hit.alsoIn.length, 'session')})` : '';
    const when = hit.at ? ` ${hit.at.slice(0, 16).replace('T', ' ')}` : '';
    output.line(
      `  #${hit.ordinal}${output.style('dim', `${when} ${hit.snippet.label}${also}`)}${hit.hidden ? ' (hidden)' : ''}`,
    );
    for (const line of marked(output, hit.snippet).split('\n')) output.line(`     ${line}`);
  }
  if (more > 0) output.line(output.style('dim', `  ${more} more in this session`));
  output.line();
}

function marked(output: Output, { pieces }: Snippet): string {
  const styled = (text: string): string =>
    text
      .split('\n')
      .map((line) => (line === '' ? '' : output.style('yellow', line)))
      .join('\n');
  return pieces.map(({ text, isMatch }) => (isMatch ? styled(text) : text)).join('');
}

function inline({ pieces }: Snippet): string {
  const text = pieces.map(({ text }) => text).join('');
  return text.replace(/\s+/g, ' ').replace(/[\\`*_<>[\]]/g, '\\$&');
}

function said({ count, isMore }: Total): string {
  return isMore ? `more than ${counted(count, 'exchange')}` : counted(count, 'exchange');
}

function oneOf(title: string, key: string): string {
  return title.replace(/\s+/g, ' ').trim() || key;
}
