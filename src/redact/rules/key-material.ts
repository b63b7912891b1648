import { type Rule, rule } from './rule.ts';

/** Keys and signed tokens that name no provider. Key blocks of several lines are found by `key-block.ts`. */
export const keyMaterial: readonly Rule[] = [
  rule(
    'jwt',
    ['eyJ', 'ZXlK'],
    /(?:eyJ[\w-]{8,2000}\.(?:eyJ)?[\w-]{8,6000}\.[\w-]{8,2000}|eyJ[\w-]{8,2000}\.[\w-]{0,1000}(?:\.[\w-]{8,6000}){3}|ZXlK[A-Za-z0-9+/]{80,8000}={0,2})/,
    ['eyJ«w33».eyJ«w60».«b43»', 'eyJ«w60»..«b16».«b60».«b22»', 'ZXlK«w120»=='],
    ['eyJ', 'eyJ«w20»', 'eyJ.eyJ.x'],
  ),
  rule(
    'jwk-private-key',
    ['"d":', '"d" :', '\\"d\\":'],
    /\\{0,3}"d\\{0,3}"\s?:\s{0,2}\\{0,3}"(?<secret>[\w-]{40,800})\\{0,3}"/,
    ['{"kty":"EC","d":"«b43»"}', '{\\"d\\": \\"«b86»\\"}'],
    ['"d": "M0 0h24v24H0z"'],
    { inside: true, entropy: 4 },
  ),
  rule(
    'password-hash',
    [
      '$apr1$',
      '$2a$',
      '$2b$',
      '$2y$',
      '$1$',
      '$5$',
      '$6$',
      '$y$',
      '$argon2',
      '$scrypt$',
      '{SSHA',
      '{SHA}',
      'pbkdf2_sha',
    ],
    /(?:\$apr1\$[\w./]{1,8}\$[\w./]{22}|\$2[aby]\$\d\d\$[\w./]{53}|\$[156]\$(?:rounds=\d{1,9}\$)?[\w./]{1,16}\$[\w./]{22,86}|\$y\$[\w./]{1,8}\$[\w./]{1,86}\$[\w./]{43}|\$argon2(?:id|i|d)\$v=\d{1,3}\$[\w=,]{1,64}\$[\w+/]{8,88}\$[\w+/]{22,172}|\$scrypt\$[\w=,]{1,64}\$[\w+/.]{8,88}\$[\w+/.]{22,172}|\{SS?HA(?:256|512)?\}[\w+/]{24,100}={0,2}|pbkdf2_sha\d{1,3}\$\d{1,9}\$[\w./+]{4,64}\$[\w+/]{27,88}={0,2})/,
    [
      'me:$apr1$«w8»$«w22»',
      'root:$6$«w12»$«w86»:19000:',
      '$2b$12$«w53»',
      '{SHA}«s27»=',
      '$argon2id$v=19$m=65536,t=3,p=4$«s22»$«s43»',
    ],
    ['$1$', '$2b$12$', '$5$x'],
  ),
  rule(
    'seed-phrase',
    ['mnemonic', 'seed phrase', 'seed_phrase', 'seedphrase', 'recovery phrase', 'recovery_phrase'],
    /(?:mnemonic|seed[ _]?phrase|recovery[ _]phrase)\w{0,16}(?:\\{0,3}["'`])?[ \t]{0,3}(?:=>|:=|[=:,]| is)[ \t]{0,3}(?:\\{0,3}["'`])?(?<secret>(?:[a-z]{3,8} ){11,23}[a-z]{3,8})(?![a-z ])/i,
    ['MNEMONIC="cat ·dog sun moon tree leaf rock sand wave wind fire snow"'],
    ['mnemonic: a word that is easy to keep in mind'],
    { inside: true },
  ),
];
