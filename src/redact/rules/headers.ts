import { type Rule, rule } from './rule.ts';

/** Headers that carry credentials, in HTTP, code, JSON and commands. */
export const headers: readonly Rule[] = [
  rule(
    'authorization-header',
    ['authorization'],
    /authorization(?:\\{0,3}["'`])?\]?[ \t]{0,3}(?:=>|[:=,])[ \t]{0,3}(?:\\{0,3}["'`])?(?:(?:bearer|basic|token|digest|api-?key|negotiate|ssws|bot|key|geniekey|oauth)(?:[ +]|%20){1,2})(?<secret>[^\s"'`\\,;<>(){}]{8,4096})/i,
    [
      'Authorization: Bearer «w32»',
      "'Authorization': 'Basic «s24»='",
      '\\"authorization\\": \\"token «w40»\\"',
      'curl -H "authorization: Bearer «b20».«b30»"',
    ],
    [
      'Authorization: Bearer <token>',
      'Authorization: Bearer ${token}',
      'authorization: `Bearer ${x}`',
      'Authorization: Bearer YOUR_API_KEY',
      'Authorization: Bearer $TOKEN_VALUE',
    ],
    { inside: true, guess: true, entropy: 2.5 },
  ),
  rule(
    'authorization-header',
    ['authorization'],
    /authorization(?:\\{0,3}["'`])?\]?[ \t]{0,3}(?:=>|[:=,])[ \t]{0,3}(?:\\{0,3}["'`])?(?<secret>[\w.~+/=|-]{16,4096})(?![\w(])/i,
    ['Authorization: «w40»'],
    ['authorization: requireAuthorization()', 'authorization: AuthorizationService'],
    { inside: true, guess: true, entropy: 3.6 },
  ),
  rule(
    'authorization-header',
    ['AWS4-HMAC-SHA256'],
    /AWS4-HMAC-SHA256 [^\n]{0,400}?Signature=(?<secret>[0-9a-f]{64})/,
    ['AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=«x64»'],
    ['AWS4-HMAC-SHA256'],
  ),
  rule(
    'bearer-token',
    ['bearer ', 'bearer%20', 'bearer+'],
    /bearer(?:[ +]|%20)(?<secret>[\w.~+/=|-]{16,4096})/i,
    ['Bearer «w40»'],
    ['Bearer authentication-middleware', 'bearer ACCESS_TOKEN_GOES_HERE'],
    { guess: true, entropy: 3.3 },
  ),
  rule(
    'cookie-header',
    ['cookie'],
    /cookie(?:\\{0,3}["'`])?[ \t]{0,3}[:,][ \t]{0,3}(?:\\{0,3}["'`])?(?<secret>[\w.-]{1,64}=[^\r\n"'`\\]{12,4096})/i,
    ['Cookie: sid=«w32»; theme=dark', "'cookie': 'session=«w64»'"],
    ['Cookie: theme=dark; language=english', 'cookie: name=value'],
    { guess: true, entropy: 3.6 },
  ),
  rule(
    'set-cookie-header',
    ['set-cookie'],
    /set-cookie(?:\\{0,3}["'`])?[ \t]{0,3}[:,][ \t]{0,3}(?:\\{0,3}["'`])?[\w.-]{1,64}=(?<secret>[^\s;"'`\\]{12,4096})/i,
    ['Set-Cookie: sid=«w32»; Path=/; HttpOnly', '"set-cookie": "a.sid=s%3A«w32».«s43»"'],
    ['Set-Cookie: theme=dark-and-warm', 'set-cookie: name=<session>'],
    { guess: true, entropy: 3 },
  ),
  rule(
    'session-cookie',
    ['phpsessid=', 'jsessionid=', 'connect.sid=', 'asp.net_sessionid=', 'laravel_session=', '_session=', 'sessionid='],
    /[\w.]{8,20}=(?<secret>[\w%.+/-]{20,1024})/i,
    ['PHPSESSID=«l26»', 'connect.sid=s%3A«w32».«w43»'],
    ['PHPSESSID=', 'sessionid=<id>'],
    { inside: true, guess: true, entropy: 3.3 },
  ),
];
