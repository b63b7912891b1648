import { isVerdict, nameAround, signAfter } from './assigned-name.ts';
import { readValue, type Value } from './assigned-value.ts';
import type { Detector } from './match.ts';
import { namesSecret, type SecretWord, secretWords } from './names.ts';
import { looksRandom } from './randomness.ts';
import { isSecretValue } from './secret-value.ts';

/**
 * Finds values assigned to names of secrets, however they are written: `KEY=value`, JSON, YAML, code, XML, `define('KEY', 'value')`,
 * `--password value`, "the password is value". Quotation marks may be escaped, because transcripts hold JSON inside JSON.
 */
export const assignments: readonly Detector[] = secretWords.map((word) => ({
  keywords: [word.word],
  probe(text, start, end, report) {
    const name = nameAround(text, start, end);
    if (!namesSecret(text.slice(name.start, name.end), start - name.start, end - name.start)) return;
    const sign = signAfter(text, name, word.strength);
    const value = sign && !isVerdict(text, name, sign) && readValue(text, name, sign);
    if (!value || !isSecret(text.slice(value.start, value.end), word, value)) return;
    const why = `is assigned to a name with "${word.word}"`;
    report({ start: value.start, end: value.end, rule: word.rule, layer: 'assignment', why });
  },
}));

function isSecret(value: string, word: SecretWord, form: Value): boolean {
  if (form.weak && !(/\d/.test(value) && /[A-Za-z]/.test(value) && value.length >= 7) && !looksRandom(value))
    return false;
  if (form.weak && word.strength === 'token' && value.length < 16) return false;
  return isSecretValue(value, word.strength, form);
}
