import type { Strength } from './names.ts';
import { isStandIn } from './placeholder.ts';
import { looksRandom, wordiness } from './randomness.ts';

/** How a value was written. */
export interface Form {
  readonly quoted: boolean;
  /** It is the whole value of a line, as in an environment or settings file, not one operand in a line of code. */
  readonly line: boolean;
}

const address = /^[a-z][\w+.-]*:\/\//i;
const path = /^(?:~|\.{1,2}|[A-Za-z]:)?[\\/]/;
const member = /^[A-Za-z_$][\w$]*(?:(?:\?\.|\.|::|->)[A-Za-z_$][\w$]*)+$/;
const code = /[([{]|^[&*!@]|=>|\$$/;
const identifier = /^[A-Za-z_$][A-Za-z_$-]*$/;
const ownName = /pass(?:word|wd|phrase)|secret|token|api[_-]?key|credential/i;

/** Whether a value assigned to a name of this strength is a secret and not code, a stand-in, a type, a path or a word. */
export function isSecretValue(value: string, strength: Strength, form: Form): boolean {
  if (value.length < 4 || isStandIn(value) || address.test(value)) return false;
  if (path.test(value) && (wordiness(value) > 0.2 || value.length < 16)) return false;
  if (!form.quoted && (code.test(value) || (member.test(value) && !looksRandom(value)))) return false;
  if (strength === 'token') return !/\s/.test(value) && looksRandom(value);
  if (/\s/.test(value)) return looksRandom(value.replace(/\s+/g, ''));
  if (ownName.test(value) && !/\d/.test(value)) return false;
  return strength === 'secret' ? isKey(value) : isPassword(value, form);
}

function isKey(value: string): boolean {
  if (value.length < 8) return false;
  return looksRandom(value) || (/\d/.test(value) && /[A-Za-z]/.test(value) && wordiness(value) < 0.6);
}

function isPassword(value: string, { quoted, line }: Form): boolean {
  const word = value.replace(/[.!?:,]+$/, '');
  if (identifier.test(word)) return (quoted || (line && !/^[A-Z][a-z]+$/.test(word))) && word.length >= 6;
  if (/^\d+$/.test(word)) return (quoted || line) && word.length >= 6;
  return quoted || line || (/\d/.test(word) && word.length >= 6) || /[^\w.-].*[^\w.-]/.test(word);
}
