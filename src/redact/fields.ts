/** Tells by which names each string of a document goes. Keys and strings are given in the order of the document. */
export class Fields {
  private key: string | undefined;
  /** The `name` or `key` before a `value`, as in `{"name": "API_KEY", "value": "…"}`. */
  private named: string | undefined;
  /** The flag before an argument, as in `["--password", "…"]`. */
  private flag: string | undefined;

  /** Takes the next key. */
  enter(key: string): void {
    this.key = key;
    this.flag = undefined;
  }

  /** Takes the next string and gives its names: the flag before it says more than its key, but may be no flag. */
  namesOf(text: string): string[] {
    const key = this.key ?? '';
    const name = /^(?:value|val|content|data)$/i.test(key) ? (this.named ?? key) : key;
    const names = this.flag === undefined ? [name] : [this.flag, name];
    this.flag = /^--?[a-z][\w-]{2,40}$/i.test(text) ? text : undefined;
    if (/^(?:name|key|variable|env|header)$/i.test(key)) this.named = text;
    return names.filter(Boolean);
  }
}

/** Redacts one string of a document, given the names it goes by. */
export type RedactField = (text: string, names?: readonly string[]) => string;
