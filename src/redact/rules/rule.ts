/** What a rule finds, and the samples that prove it. */
export interface Rule {
  /** Lower case words joined by `-`: the word in `[REDACTED:<id>]`. */
  readonly id: string;
  /** Literal beginnings of a match, compared without case. Without any, the rule is tried where a long run of token characters begins. */
  readonly keywords: readonly string[];
  /**
   * Tried where a keyword stands, and bounded in length. The secret is the group `secret`, or else the whole match;
   * a group `head` inside a lookbehind extends it to the left.
   */
  readonly pattern: RegExp;
  /** Bits per character that the secret must exceed. */
  readonly entropy?: number;
  /** The keyword may stand inside a longer word, as in `MY_DATADOG_KEY`. */
  readonly inside?: boolean;
  /** The form alone proves little, so a stand-in (`<password>`, `${X}`, `changeme`) is let through. */
  readonly guess?: boolean;
  readonly samples: Samples;
}

/**
 * Texts the rule must find a secret in, and texts it must leave alone. `«w36»` stands for 36 random characters of the
 * alphabet `w`, so that no file of this project holds anything that looks like a live token:
 * `w` letters and digits, `a` letters, `l` lower case and digits, `u` upper case and digits, `d` digits,
 * `x` hex, `X` hex in upper case, `z` base32, `b` base64url, `s` base64; `«guid»` is a UUID, and `·` is nothing.
 */
export interface Samples {
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

type Options = Pick<Rule, 'entropy' | 'inside' | 'guess'>;

/** A rule in one line of a table. */
export function rule(
  id: string,
  keywords: readonly string[],
  pattern: RegExp,
  yes: readonly string[],
  no: readonly string[],
  options: Options = {},
): Rule {
  return { id, keywords, pattern, samples: { yes, no }, ...options };
}

/**
 * A rule for tokens without a form of their own: `value` assigned to a name that holds one of `words`,
 * in an environment file, code, JSON, YAML or a header.
 */
export function near(
  id: string,
  words: readonly string[],
  value: string,
  yes: readonly string[],
  no: readonly string[],
  options: Options = {},
): Rule {
  const name = `(?:${words.join('|')})[\\w.-]{0,40}`;
  const assigned = `(?:\\\\{0,3}["'\`])?\\]?[ \\t]{0,4}(?:=>|:=|[=:,])[ \\t]{0,4}(?:\\\\{0,3}["'\`])?`;
  const pattern = new RegExp(`${name}${assigned}(?<secret>${value})(?![\\w])`, 'i');
  return { id, keywords: words, pattern, inside: true, samples: { yes, no }, ...options };
}
