import { type Rule, rule } from './rule.ts';

/** Credentials inside addresses and lines of connection files. */
export const addresses: readonly Rule[] = [
  rule(
    'credential-in-url',
    ['://'],
    /:\/\/[^\s:@/"'`<>\\?#|]{0,128}:(?<secret>[^\s"'`<>\\/|]{3,256})@(?=[\w[.%-])/,
    [
      'postgres://app:«w12»@db.example:5432/app',
      'https://me:«w20»@git.example/a.git',
      'amqp://:«w10»@mq',
      'redis://:«w9»@h:6379/0',
      'mongodb+srv://u:p·@ss·«w8»@c.example',
    ],
    [
      'postgres://user:password@host/db',
      'http://${USER}:${PASS}@host',
      'https://example.com:8080/a@b',
      'http://a:<pw>@b',
      'postgres://$USER:$PASS@b',
      'git@github.com:a/b',
    ],
    { inside: true, guess: true },
  ),
  rule(
    'token-in-url',
    ['://'],
    /:\/\/(?<secret>[\w.~%+-]{20,256})@(?=[\w[.-])/,
    ['https://«w32»@git.example/a.git'],
    ['ssh://git-receive-pack-user@host', 'https://git.example/«w32»'],
    { inside: true, guess: true, entropy: 3.6 },
  ),
  rule(
    'url-parameter',
    ['?key=', '&key=', '?auth=', '&auth=', '?sig=', '&signature=', '?signature=', '?code=', '&code='],
    /[?&](?:key|auth|sig|signature|code)=(?<secret>[\w.~%+/-]{20,512})/i,
    ['https://a.example/x?key=«w39»', 'https://a.example/x?a=b&signature=«w64»'],
    ['https://a.example/x?key=some-long-name-of-a-thing', '?code=NOT_FOUND_IN_TABLE_OF_CODES'],
    { inside: true, guess: true, entropy: 3.6 },
  ),
  rule(
    'signed-url',
    ['x-amz-signature', 'x-goog-signature', 'x-amz-security-token'],
    /x-(?:amz|goog)-(?:signature|security-token)(?:=|%3d|["']?: ?["']?)(?<secret>[\w%+/-]{40,2000})/i,
    ['?X-Amz-Expires=60&X-Amz-Signature=«x64»', 'X-Goog-Signature=«x512»'],
    ['X-Amz-Signature='],
    { inside: true },
  ),
  rule(
    'jdbc-oracle',
    ['jdbc:oracle:'],
    /jdbc:oracle:\w{2,8}:[\w$#]{1,64}\/(?<secret>[^\s@"'/\\]{3,128})@/,
    ['jdbc:oracle:thin:scott/«w10»@//db:1521/x'],
    ['jdbc:oracle:thin:@db:1521:x', 'jdbc:oracle:thin:scott/$PASS@db'],
    { guess: true },
  ),
  rule(
    'pgpass',
    [':5432:', ':3306:', ':*:'],
    /:(?:\d{2,5}|\*):[^\s:]{1,64}:[^\s:]{1,64}:(?<secret>[^\s:"'`]{4,128})(?=[\s"'`\\<)|]|$)/,
    ['db.example:5432:app:me:«w12»', '*:*:*:me:«w12»'],
    ['127.0.0.1:5432:5432', 'a:5432:b'],
    { inside: true, guess: true },
  ),
  rule(
    'netrc',
    ['machine ', 'default login '],
    /(?:machine\s{1,8}\S{1,200}|default)\s{1,8}login\s{1,8}\S{1,200}\s{1,8}password\s{1,8}["']?(?<secret>[^\s"'\\]{3,256})/i,
    ['machine api.example login me password «w12»', 'machine a\n  login b\n  password «w14»\n'],
    ['machine learning login password', 'machine a login b password $PASS'],
    { guess: true },
  ),
];
