import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createRedactor, type Redactor } from '../../redact/redactor.ts';
import { Fault } from './fault.ts';

/** What needs no guess. A team's own rules, and what it allowed, are not known here, so nothing is refused on a guess. */
const certain: ReadonlySet<string> = new Set(['key', 'provider', 'withheld']);

/** Contents of which it is remembered that they are clean. */
const remembered = 5000;

/**
 * Looks at texts that arrive as if no client had: a second net below the redactor of the client, for the ones that are old,
 * broken, or not ours.
 */
export class TextCheck {
  private readonly redactor: Redactor;
  /** What was found to be clean a moment ago: what the server writes itself is looked at before it is written, and met again by ingest. */
  private readonly clean = new Set<string>();

  constructor() {
    // Time must not decide what is taken in: only what would stand still for ever is given up.
    this.redactor = createRedactor({ entropy: false, budgetMs: 10_000 });
  }

  /** The text in a file. Throws `Fault` for one that is missing, too large, no text, or holds a secret, with its rule and never the secret. */
  text(content: Buffer | { readonly size: number } | undefined, what: string): string {
    const bytes = present(content, what);
    if (!isUtf8(bytes)) throw new Fault('bad_session', `${what} is not UTF-8`);
    const text = bytes.toString('utf8');
    const digest = createHash('sha256').update(bytes).digest('base64');
    if (this.clean.has(digest)) return text;
    const found = this.redactor.find(text).find(({ layer }) => certain.has(layer));
    if (found) throw new Fault('secret_found', `${what} holds a secret (${found.rule}): redact it and push again`);
    this.remember(digest);
    return text;
  }

  private remember(digest: string): void {
    const [oldest] = this.clean;
    if (this.clean.size >= remembered && oldest !== undefined) this.clean.delete(oldest);
    this.clean.add(digest);
  }
}

/** The bytes of a file. Throws `Fault` for one that is missing or too large. */
export function present(content: Buffer | { readonly size: number } | undefined, what: string): Buffer {
  if (!content) throw new Fault('bad_session', `${what} is missing`);
  if (!Buffer.isBuffer(content)) throw new Fault('item_too_large', `${what} has ${content.size} bytes`);
  return content;
}
