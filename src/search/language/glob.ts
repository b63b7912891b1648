import { SpecstoryError } from '../../core/errors.ts';
import { compilePattern } from './pattern.ts';

/** Alternatives within each other. */
const deepest = 8;

/**
 * Whether a path fits a pattern, whatever the case: `*` and `?` within a name, `**` over folders, `[a-z]`, `[!a]`, `{a,b}`; a pattern without a
 * folder is one of names, and every pattern may begin in any folder. It takes time in proportion to the path, whatever the pattern (`pattern.ts`); one that
 * is too large fits nothing.
 */
export function pathGlob(glob: string): (path: string) => boolean {
  const fits = whole(() => `(?:.*/)?${new GlobReader(glob).read()}`);
  return (path) => fits(path.replace(/[\r\n]/g, ' '));
}

/** Whether a text fits a pattern, whatever the case, in which `*` is any text and `?` any sign. As fast as `pathGlob`. */
export function wildcard(glob: string): (text: string) => boolean {
  return whole(
    () =>
      `(?s:${glob.replace(/\*+|[^*]/gsu, (one) => (one.startsWith('*') ? '.*' : one === '?' ? '.' : quoted(one)))})`,
  );
}

function whole(source: () => string): (text: string) => boolean {
  try {
    return compilePattern(`\\A${source()}\\z`).test;
  } catch (thrown) {
    if (thrown instanceof SpecstoryError && thrown.kind === 'usage') return () => false;
    throw thrown;
  }
}

/** Reads a glob into an expression of RE2. What is not closed means itself. */
class GlobReader {
  private readonly glob: string;
  private at = 0;

  constructor(glob: string) {
    this.glob = glob;
  }

  read(depth = 0): string {
    let source = '';
    while (this.at < this.glob.length) {
      if (depth > 0 && (this.glob[this.at] === ',' || this.glob[this.at] === '}')) return source;
      source += this.piece(depth);
    }
    return source;
  }

  private piece(depth: number): string {
    const rest = this.glob.slice(this.at);
    const stars = /^\*+/.exec(rest)?.[0].length ?? 0;
    if (stars > 0) return this.stars(stars);
    if (rest.startsWith('?')) return this.step(1, '[^/]');
    const set = /^\[([!^]?)(\]?[^\]/]*)\]/.exec(rest);
    if (set?.[2]) return this.step(set[0].length, `[${set[1] ? '^/' : ''}${members(set[2])}]`);
    if (rest.startsWith('{') && depth < deepest && closes(rest)) return this.choice(depth);
    const [sign = ''] = rest;
    return this.step(sign.length, quoted(sign));
  }

  /** A name of two stars alone is any number of folders. */
  private stars(count: number): string {
    const [before, behind] = [this.glob[this.at - 1], this.glob[this.at + count]];
    const isWhole = count > 1 && (before === undefined || before === '/') && (behind === undefined || behind === '/');
    if (!isWhole) return this.step(count, '[^/]*');
    return behind === undefined ? this.step(count, '.*') : this.step(count + 1, '(?:.*/)?');
  }

  private choice(depth: number): string {
    const of: string[] = [];
    do {
      this.at++;
      of.push(this.read(depth + 1));
    } while (this.glob[this.at] === ',');
    return this.step(1, `(?:${of.join('|')})`);
  }

  private step(count: number, source: string): string {
    this.at += count;
    return source;
  }
}

/** Whether the brace at the beginning is closed. */
function closes(text: string): boolean {
  let open = 0;
  for (const sign of text) {
    if (sign === '{') open++;
    if (sign === '}' && --open === 0) return true;
  }
  return false;
}

/** What stands in a set; `-` between two signs is a range, as it is in RE2. */
function members(text: string): string {
  return text.replace(/[\\[\]^&~]/g, '\\$&');
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
