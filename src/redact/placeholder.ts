import { entropy, wordiness } from './randomness.ts';

/** What replaces a secret. */
export function placeholder(rule: string): string {
  return `[REDACTED:${rule}]`;
}

/** What replaces a text that could not be checked. */
export function withheld(why: string): string {
  return `[WITHHELD:${why}]`;
}

const references = new RegExp(
  [
    /^[$%@#!~]?[{(<[].*[})>\]]%?$/, // ${X} <name> {{x}} [hidden] $(cmd)
    /^\$[A-Za-z_]\w*$|^%[A-Za-z_]\w*%$/, // $X %X%
    /\$\{|\$\(|\{\{|<%|#\{|%\(\w+\)s|\}\}/, // a template around or inside
    /^(?:process\.env|import\.meta|os\.(?:environ|getenv)|env[.[(]|ENV\[|System\.getenv|secrets?\.|vars?\.|config\.|settings\.|self\.|this\.|args?\.|opts?\.)/,
    /^(?:op|vault|ssm|sm|gsm|awssm|arn|ref|file|env|secretref|keyring|akv):/i, // a reference into a keeper of secrets
    /%[sdv]\b|^:\w+$|^\?$|^\{\w*\}$/, // a parameter of a statement or a format
    /^[xX*.•●·_\-=#?0]+$/, // nothing but marks
    /\*{3}|•{3}|●{3}|x{6}|X{6}|\.{3}|…|REDACTED|WITHHELD|<\w+>|\[\w+\]$/,
  ]
    .map((part) => part.source)
    .join('|'),
);

const standIns =
  /change[-_ ]?(?:me|this|it)|your[-_ ]|[-_]here$|^(?:my|the|a|an|new|old|some|any)[-_ ]|example|placeholder|dummy|replace|sample|redacted|removed|hidden|masked|censored|insert|^enter|todo|fixme|not[-_]?set|not[-_]?a[-_]|unused|ignored?$|(?:foo|bar|baz){2}|fake|mock|lorem/i;

const common = new Set(
  `admin administrator any anonymous api apikey array async auth authorization authtoken await basic bearer bool boolean bytes char
  confidential config const cookie credential credentials current data default demo disabled empty enabled encrypted env environment
  error external false field file first float foo func function guest hash header hidden http https id identity input int integer internal
  invalid jwt key keyword label last let literal local localhost login match missing mixed name never new next nil no none null num number
  nullable object off old on opaque optional pass passphrase passwd password passwords plain prev previous private prompt protected
  public pwd query raw read readonly ref required response root same secret secrets secure self session set signed str string
  struct symbol text this token tokens top true type undefined unknown unset user username valid value var variable void word write yes`.split(
    /\s+/,
  ),
);

/** Whether a value stands for a secret without being one: a reference, a template, a mask, `changeme`, a word of a programming language. */
export function isStandIn(value: string): boolean {
  if (references.test(value) || common.has(value.toLowerCase().replace(/[?!;:]+$/, ''))) return true;
  return standIns.test(value) && !(value.length >= 20 && entropy(value) > 4 && wordiness(value) < 0.4);
}
