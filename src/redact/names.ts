/** How much a name proves about the value assigned to it. */
export type Strength = 'password' | 'secret' | 'token';

export interface SecretWord {
  readonly word: string;
  readonly rule: string;
  readonly strength: Strength;
}

const table: readonly (readonly [rule: string, strength: Strength, words: string])[] = [
  ['password', 'password', 'password passwd passwort passphrase passcode pwd pass'],
  ['secret', 'secret', 'secret'],
  [
    'api-key',
    'secret',
    'api_key apikey api-key app_key appkey app-key subscription-key subscription_key consumer_key license_key',
  ],
  [
    'secret-key',
    'secret',
    `access_key accesskey access-key private_key privatekey private-key signing_key signingkey signing-key encryption_key encryptionkey
     encryption-key master_key masterkey master-key auth_key authkey account_key accountkey deploy_key shared_key sharedkey storage_key
     service_key servicekey service-key function_key admin_key adminkey logged_in_key nonce_key hmac_key jwt_key session_key cookie_key
     secure_auth_salt auth_salt nonce_salt logged_in_salt`,
  ],
  ['token', 'token', 'token credential accesscode auth_code authcode csrf xsrf'],
];

/** The words that make a name the name of a secret. */
export const secretWords: readonly SecretWord[] = table.flatMap(([rule, strength, words]) =>
  words.split(/\s+/).map((word) => ({ word, rule, strength })),
);

/** What may follow such a word in a name that is still one of a secret: `SECRET_KEY_PROD`, but not `token_count`. */
const suffix =
  /^s?(?:[_.-]?(?:value|val|key|access|plain(?:text)?|text|raw|base64|b64|prod(?:uction)?|dev(?:elopment)?|test|staging|live|old|new|current|primary|secondary|default|string|token|secret|pass(?:word)?|admin|root|user|db|api|me|\d{1,3}))*$/i;

const publicNames = /public[_-]?key|publickey/i;

/** Words of test reports, not of names. */
const verdict = /^(?:PASS|Pass)(?:es)?$/;

/** Whether a name whose secret word ends at `wordEnd` is one of a secret. */
export function namesSecret(name: string, wordStart: number, wordEnd: number): boolean {
  if (!suffix.test(name.slice(wordEnd)) || publicNames.test(name) || verdict.test(name)) return false;
  const word = name.slice(wordStart, wordEnd).toLowerCase();
  // `pass` is part of `compass` and `bypass`, `pwd` of nothing.
  return (
    word !== 'pass' || wordStart === 0 || !/[a-z]/i.test(name.charAt(wordStart - 1)) || /^P/.test(name.slice(wordStart))
  );
}

/** The word that makes `name` the name of a secret, if any: for names of variables and fields. */
export function secretWordOf(name: string): SecretWord | undefined {
  const lower = name.toLowerCase();
  return secretWords.find(({ word }) => {
    const at = lower.lastIndexOf(word);
    return at >= 0 && namesSecret(name, at, at + word.length);
  });
}
