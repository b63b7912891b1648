import { pathGlob, wildcard } from '../../../../search/language/glob.ts';
import type { TextFilter } from '../../../../search/query.ts';
import { endLexeme, factLexeme, folded, kindLexeme } from './lexemes.ts';
import { and, lexeme, not, nothing, or, type Wish } from './wish.ts';

/** What a filter finds. With `test` the lexemes find more than it means, and the facts of a document tell. */
export interface Filtered {
  readonly wish: Wish;
  readonly test?: (facts: Readonly<Record<string, readonly string[] | undefined>>) => boolean;
}

/** Filters that lexemes answer. The others need a look at names, projects or texts. */
export function filtered(filter: TextFilter, value: string): Filtered | undefined {
  const text = value.trim();
  const exactly = (kind: string): Filtered => ({ wish: lexeme(factLexeme(kind, text)) });
  const beginning = (kind: string): Filtered => ({
    wish: text === '' ? nothing : lexeme(factLexeme(kind, text), true),
  });
  switch (filter) {
    case 'agent':
    case 'tool':
    case 'tag':
    case 'has':
      return exactly(filter);
    case 'is':
      return text.toLowerCase() === 'hidden' ? undefined : exactly('is');
    case 'pr':
    case 'issue':
      return { wish: lexeme(factLexeme(filter, text.replace(/^#/, ''))) };
    case 'model':
    case 'session':
    case 'commit':
      return beginning(filter);
    case 'branch':
      return /[*?]/.test(text) ? pattern(['branch'], text) : exactly('branch');
    case 'no':
      return { wish: absent(text.toLowerCase()) };
    case 'edited':
    case 'read':
      return path([filter], text);
    case 'file':
      return path(['edited', 'read'], text);
    default:
      return undefined;
  }
}

function absent(what: string): Wish {
  if (what === 'commit') return not(or([lexeme(factLexeme('has', 'commit')), lexeme(kindLexeme('commit'))]));
  if (what === 'file') return not(or([lexeme(kindLexeme('edited')), lexeme(kindLexeme('read'))]));
  const kinds = ['branch', 'author', 'model', 'pr', 'issue', 'tag', 'tool'];
  // Nothing is known of what anything cost, so that it is missing everywhere.
  if (what === 'cost') return { kind: 'all' };
  return not(lexeme(kinds.includes(what) ? kindLexeme(what) : factLexeme('has', what)));
}

/** `src/auth/**` is a folder, `*.ts` a pattern, and anything else a path, the end of one after a `/`, or a folder. */
function path(kinds: readonly string[], given: string): Filtered {
  const text = given.replaceAll('\\', '/').replace(/^\.\//, '');
  const folder = /^([^*?[\]{}!()]+)\/(?:\*\*(?:\/\*)?)?$/.exec(text)?.[1];
  if (folder !== undefined) return { wish: or(kinds.map((kind) => lexeme(factLexeme(`${kind}-folder`, folder)))) };
  if (/[*?[\]{}]/.test(text)) return pattern(kinds, text);
  const ways = kinds.flatMap((kind) => [
    lexeme(factLexeme(kind, text)),
    lexeme(endLexeme(kind, `/${text}`), true),
    lexeme(factLexeme(`${kind}-folder`, text)),
  ]);
  return { wish: text === '' ? nothing : or(ways) };
}

/** By what stands before the first and behind the last sign of a pattern; the rest is seen in the facts. */
function pattern(kinds: readonly string[], given: string): Filtered {
  const text = folded(given);
  const before = /^[^*?[\]{}()!+@]*/.exec(text)?.[0] ?? '';
  const behind = /[^*?[\]{}()!+@]*$/.exec(text)?.[0] ?? '';
  const isPath = kinds[0] !== 'branch';
  const matches = isPath ? pathGlob(text) : wildcard(text);
  const wish = or(
    kinds.map((kind) =>
      and([
        lexeme(factLexeme(kind, isPath && !text.includes('/') ? '' : before), true),
        ...(isPath && behind !== '' ? [lexeme(endLexeme(kind, behind), true)] : []),
      ]),
    ),
  );
  return { wish, test: (facts) => kinds.some((kind) => (facts[kind] ?? []).some((value) => matches(folded(value)))) };
}
