import { parseVerdictLine, type Verdict } from '../protocol/verdict.ts';

const mark = 'specstory-verdict: ';
/** Bytes of a verdict that are waited for; more is no verdict. */
const longestLine = 64 << 10;

/** Takes the lines for programs out of the text of side-band 2, however it is cut; the text for people goes on without delay. */
export class VerdictSieve {
  readonly verdicts: Verdict[] = [];
  /** Lines that say to be verdicts and are not. */
  unreadable = 0;
  private line: Buffer = Buffer.alloc(0);
  private isForPeople = false;

  /** The part of a piece of text that is for people. */
  take(text: Uint8Array): Buffer {
    const out: Buffer[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      if (text[at] !== 10 && text[at] !== 13) continue;
      out.push(this.end(text.subarray(from, at + 1)));
      from = at + 1;
    }
    out.push(this.go(text.subarray(from)));
    return Buffer.concat(out);
  }

  /** What is held back at the end of the text, when it is for people. */
  rest(): Buffer {
    return this.line.length > 0 ? this.end(Buffer.alloc(0)) : Buffer.alloc(0);
  }

  private go(piece: Uint8Array): Buffer {
    if (this.isForPeople) return Buffer.from(piece);
    this.line = Buffer.concat([this.line, piece]);
    const start = this.line.toString('latin1', 0, mark.length);
    const isOpen = start === mark ? this.line.length <= longestLine : mark.startsWith(start);
    if (isOpen) return Buffer.alloc(0);
    this.isForPeople = true;
    return this.flush();
  }

  private end(piece: Uint8Array): Buffer {
    const out = this.go(piece);
    this.isForPeople = false;
    const line = this.flush();
    const text = line.toString('utf8').trimEnd();
    if (!`${text} `.startsWith(mark)) return Buffer.concat([out, line]);
    const verdict = parseVerdictLine(text);
    if (verdict) this.verdicts.push(verdict);
    else this.unreadable += 1;
    return out;
  }

  private flush(): Buffer {
    const { line } = this;
    this.line = Buffer.alloc(0);
    return line;
  }
}
