import { quoted } from './lexemes.ts';

/** What lexemes are looked for, as PostgreSQL reads a `tsquery`; `all` and `none` are every document and no document. */
export type Wish =
  | { readonly kind: 'all' | 'none' }
  | { readonly kind: 'some'; readonly text: string; readonly size: number };

export const everything: Wish = { kind: 'all' };
export const nothing: Wish = { kind: 'none' };

/** Lexemes of one wish. One that has more is not asked: all documents are looked at. */
export const mostLexemes = 1000;

export function lexeme(text: string, prefix = false): Wish {
  return { kind: 'some', text: `${quoted(text)}${prefix ? ':*' : ''}`, size: 1 };
}

export function and(of: readonly Wish[]): Wish {
  return joined(of, '&', 'all', 'none');
}

export function or(of: readonly Wish[]): Wish {
  return joined(of, '|', 'none', 'all');
}

export function not(of: Wish): Wish {
  if (of.kind === 'some') return { ...of, text: `!${of.text}` };
  return of.kind === 'all' ? nothing : everything;
}

/** Without what joins nothing, unless one part decides all. */
function joined(of: readonly Wish[], sign: '&' | '|', neutral: 'all' | 'none', decisive: 'all' | 'none'): Wish {
  if (of.some(({ kind }) => kind === decisive)) return { kind: decisive };
  const some = of.filter((wish) => wish.kind === 'some');
  const size = some.reduce((sum, wish) => sum + wish.size, 0);
  const [first] = some;
  if (!first) return { kind: neutral };
  const texts = [...new Set(some.map(({ text }) => text))];
  return texts.length === 1 ? first : { kind: 'some', text: `(${texts.join(` ${sign} `)})`, size };
}
