/** How much a name proves about the value assigned to it. */
export type Strength = 'password' | 'secret' | 'token';

export interface SecretWord {
  readonly word: string;
  readonly rule: string;
  readonly strength: Strength;
}

const table: readonly (readonly [rule: string, strength: Strength, words: string])[] = [
  ['password', 'password', 'password passwd passwort passphrase passcode pwd pass pw'],
  ['secret', 'secret', 'secret'],
  ['api-key', 'secret', 'api_key app_key subscription_key consumer_key license_key'],
  [
    'secret-key',
    'secret',
    `access_key private_key signing_key encryption_key master_key auth_key account_key deploy_key shared_key storage_key service_key
     function_key admin_key logged_in_key nonce_key hmac_key jwt_key session_key cookie_key auth_salt nonce_salt logged_in_salt`,
  ],
  ['token', 'token', 'token credential access_code auth_code csrf xsrf'],
];

/** The words that make a name the name of a secret, joined in every way that names are. */
export const secretWords: readonly SecretWord[] = table.flatMap(([rule, strength, words]) =>
  words.split(/\s+/).flatMap((word) => {
    const joined = word.includes('_') ? ['_', '-', ' ', ''].map((mark) => word.replaceAll('_', mark)) : [word];
    return joined.map((form) => ({ word: form, rule, strength }));
  }),
);

/** What may follow such a word in a name that is still one of a secret: `SECRET_KEY_PROD`, but not `token_count`. */
const suffix =
  /^s?(?:[_.-]?(?:value|val|key|access|base|plain(?:text)?|text|raw|base64|b64|prod(?:uction)?|dev(?:elopment)?|test|staging|live|old|new|current|primary|secondary|default|string|token|secret|pass(?:word)?|admin|root|user|db|api|me|\d{1,3}))*$/i;

const publicNames = /public[_-]?key|publickey/i;

/** Whether a name whose secret word ends at `wordEnd` is one of a secret. */
export function namesSecret(name: string, wordStart: number, wordEnd: number): boolean {
  if (!suffix.test(name.slice(wordEnd)) || publicNames.test(name)) return false;
  // `pass` and `pw` are parts of `compass` and `spwn`; the longer words are parts of nothing.
  if (wordEnd - wordStart > 4 || wordStart === 0 || !/pass|pw$/i.test(name.slice(wordStart, wordEnd))) return true;
  return !/[a-z]/i.test(name.charAt(wordStart - 1)) || /^P[a-z]/.test(name.slice(wordStart));
}

/** The word that makes `name` the name of a secret, if any: for names of variables and fields. */
export function secretWordOf(name: string): SecretWord | undefined {
  const lower = name.toLowerCase();
  return secretWords.find(({ word }) => {
    const at = lower.lastIndexOf(word);
    return at >= 0 && namesSecret(name, at, at + word.length);
  });
}
