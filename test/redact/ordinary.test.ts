import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { fill, random } from './fill.ts';

const many = (sample: string) => Array.from({ length: 500 }, (_, seed) => fill(sample, seed));
const hash = (kind: string, text: string, form: 'hex' | 'base64') => createHash(kind).update(text).digest(form);
const count = Array.from({ length: 300 }, (_, at) => at);

/** Text that looks random and is no secret. */
const sets: Readonly<Record<string, string>> = {
  uuid: many('«guid»').join('\n'),
  'uuid in a document': JSON.stringify(many('«guid»').map((id) => ({ id, parentUuid: id, sessionId: id }))),
  sha: count
    .map((at) => `${hash('sha1', `${at}`, 'hex')} ${hash('sha256', `${at}`, 'hex')} ${hash('md5', `${at}`, 'hex')}`)
    .join('\n'),
  'commit log': count
    .map(
      (at) =>
        `commit ${hash('sha1', `${at}`, 'hex')}\nAuthor: A <a@b.example>\nindex ${hash('sha1', `x${at}`, 'hex').slice(0, 11)}..`,
    )
    .join('\n'),
  ulid: many('01«u24»').join(' ').toUpperCase(),
  'package-lock.json': JSON.stringify(
    Object.fromEntries(
      count.map((at) => [
        `node_modules/left-pad-${at}`,
        {
          version: '1.3.0',
          resolved: `https://registry.npmjs.org/left-pad/-/left-pad-1.3.${at}.tgz`,
          integrity: `sha512-${hash('sha512', `${at}`, 'base64')}`,
        },
      ]),
    ),
    null,
    2,
  ),
  'yarn.lock': count
    .map(
      (at) =>
        `a@^1:\n  resolved "https://registry.yarnpkg.com/a/-/a-1.0.${at}.tgz#${hash('sha1', `${at}`, 'hex')}"\n  integrity sha1-${hash('sha1', `${at}`, 'base64')}`,
    )
    .join('\n'),
  'go.sum': count.map((at) => `github.com/a/b v1.2.${at} h1:${hash('sha256', `${at}`, 'base64')}`).join('\n'),
  'Cargo.lock': count.map((at) => `[[package]]\nname = "a"\nchecksum = "${hash('sha256', `${at}`, 'hex')}"`).join('\n'),
  'ssh fingerprints': count
    .map((at) => `256 SHA256:${hash('sha256', `${at}`, 'base64').slice(0, 43)} me@host (ED25519)`)
    .join('\n'),
  'base64 image': `data:image/png;base64,iVBORw0KGgo${Buffer.from(count.map((at) => Math.floor(random(at)() * 256)))
    .toString('base64')
    .repeat(20)}`,
  'ids of agents': many('toolu_01«w22» msg_01«w22» call_«w24» req_011«w20» chatcmpl-«w29»').join('\n'),
  minified:
    '!function(e,t){"object"==typeof exports&&"undefined"!=typeof module?t(exports):"function"==typeof define&&define.amd?define(["exports"],t):t((e=e||self).R={})}(this,function(e){"use strict";var t="function"==typeof Symbol&&Symbol.for?Symbol.for:function(e){return"Symbol("+e+")"};var n=t("react.element"),r=t("react.portal"),o={isMounted:function(){return!1},enqueueForceUpdate:function(){}};e.token=n;e.password=r;e.secret=function(e){return e.token||e.key}});'.repeat(
      20,
    ),
  'source map': `{"version":3,"mappings":"${'AAAA,SAASA,IAAIC,GAAG,EAAEC,UAAU,CAACC,GAAG,CAAC;AACA,OAAO,'.repeat(50)}"}`,
  code: `
    import { createHmac, timingSafeEqual } from 'node:crypto';
    export interface Credentials { username: string; password: string; token?: string; apiKey: ApiKey | undefined }
    const token = await this.tokenService.issue({ userId: user.id, secret: this.config.jwtSecret });
    if (!verifyPassword(password, user.passwordHash)) throw new UnauthorizedException('Invalid password');
    headers: { Authorization: \`Bearer \${token}\`, 'X-Api-Key': apiKey, Cookie: cookies.toString() },
    const [secret, setSecret] = useState<string>('');
    password = forms.CharField(widget=forms.PasswordInput(attrs={'placeholder': 'Password'}))
    def authenticate(self, username: str, password: str = None, **kwargs) -> Optional[User]:
    expect(screen.getByLabelText('Password')).toBeInTheDocument();
    #define TOKEN_STRING_LITERAL 42
    token := lexer.NextToken(); token.Kind = TokenKindIdentifier
    DATABASE_URL=postgres://\${DB_USER}:\${DB_PASSWORD}@localhost:5432/app
    curl -H "Authorization: Bearer $TOKEN" -u "$USER:$PASS" https://api.example.com/v1/items
    mysql -u root -p; docker login -u me --password-stdin; kubectl get secret my-secret -o yaml
    aws_secret_access_key = <your secret key>
    .env.example: STRIPE_SECRET_KEY=sk_test_...
  `,
  paths: many(
    '/home/me/projects/my-app/src/components/UserProfile«d2»/index.test.tsx:«d2»:«d1» node_modules/.pnpm/@babel+core@7.«d2».0/node_modules/@babel/core',
  ).join('\n'),
};

describe('B61: ordinary text stays', () => {
  it.each(Object.entries(sets))('%s', (_, text) => {
    expect(
      createRedactor()
        .find(text)
        .map(({ rule, start, end }) => `${rule}: ${text.slice(start - 20, end + 5)}`)
        .slice(0, 5),
    ).toEqual([]);
  });

  it('as a record', () => {
    const line = JSON.stringify(sets);
    const redactor = createRedactor();
    expect(redactor.line(line, sets) === line, JSON.stringify(redactor.tally())).toBe(true);
  });
});
