/** Tells by which name each string of a document goes. Keys and strings are given in the order of the document. */
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

  /** Takes the next string and gives its name, if it has one. */
  nameOf(text: string): string | undefined {
    const key = this.key ?? '';
    const name = this.flag ?? (/^(?:value|val|content|data)$/i.test(key) ? (this.named ?? key) : key);
    this.flag = /^--?[a-z][\w-]{2,40}$/i.test(text) ? text : undefined;
    if (/^(?:name|key|variable|env|header)$/i.test(key)) this.named = text;
    return name === '' ? undefined : name;
  }
}

/** Redacts one string of a document, given the name it goes by. */
export type RedactField = (text: string, name?: string) => string;
