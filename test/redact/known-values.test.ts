import { describe, expect, it } from 'vitest';
import { fromDotenv, fromEnvironment, fromIni, fromNetrc, fromNpmrc } from '../../src/redact/known-values.ts';
import { createRedactor } from '../../src/redact/redactor.ts';

const values = (known: readonly { value: string }[]) => known.map(({ value }) => value);

describe('known values', () => {
  it('are the values of secret names in an environment file', () => {
    const text = [
      '# comment',
      'export API_TOKEN="tok en\\nwith break 1"',
      "DB_PASS='correct horse battery'",
      'STRIPE_KEY=hunter2hunter2 # live',
      'DATABASE_URL=postgres://app:p%40ssw0rd1@db/app',
      'PUBLIC_KEY=visible-to-all-1',
      'PORT=30000000',
      'NODE_ENV=production',
      'SECRET_TOKEN=${OTHER_TOKEN}',
      'JWT_SECRET=changeme',
      'API_SECRET=true',
      'AUTH_TOKEN=short',
      'TOKEN_URL=https://auth.example/token',
      'CREDENTIALS_SECRET=/run/secrets/app',
    ].join('\r\n');
    expect(values(fromDotenv(text))).toEqual([
      'tok en\nwith break 1',
      'correct horse battery',
      'hunter2hunter2',
      'p%40ssw0rd1',
      'p@ssw0rd1',
    ]);
    expect(fromDotenv(text)[2]?.rule).toBe('known-stripe-key');
  });

  it('are tokens and passwords of .npmrc, also decoded', () => {
    const password = Buffer.from('hunter2hunter2').toString('base64');
    const auth = Buffer.from('me:swordfish1').toString('base64');
    const text = `//r.example/:_authToken=3f2a9c81-token\n//r.example/:_password="${password}"\n_auth=${auth}\n//q/:_authToken=\${NPM_TOKEN}`;
    expect(values(fromNpmrc(text))).toEqual(['3f2a9c81-token', password, 'hunter2hunter2', auth, 'swordfish1']);
  });

  it('are passwords of .netrc, on one line or several', () => {
    expect(
      values(fromNetrc('machine a login me password hunter2hunter2\nmachine b\n  login c\n  password "s p a c e 1"\n')),
    ).toEqual(['hunter2hunter2', 's p a c e 1']);
  });

  it('are secrets of files with sections', () => {
    const text =
      '[default]\n; aws_secret_access_key = old0ld0ld\naws_access_key_id = id-of-somebody1\naws_secret_access_key = wJ4hunter2hunter2\nregion = eu-central-1\n';
    expect(values(fromIni(text))).toContain('wJ4hunter2hunter2');
    expect(values(fromIni(text))).not.toContain('eu-central-1');
    expect(values(fromIni(text))).not.toContain('old0ld0ld');
  });

  it('are variables of the environment with secret names', () => {
    expect(
      values(fromEnvironment({ MY_TOKEN: 'hunter2hunter2', PATH: '/usr/bin:/bin', HOME: '/home/hunter2hunter2' })),
    ).toEqual(['hunter2hunter2']);
  });

  it.each([
    ['prose', (value: string) => `I tried ${value} and it worked`],
    ['inside a word', (value: string) => `x${value}y`],
    ['JSON', (value: string) => JSON.stringify({ a: value })],
    ['an address', (value: string) => `https://a/?q=${encodeURIComponent(value)}`],
    ['base64', (value: string) => Buffer.from(`user:${value}`).toString('base64')],
    ['hex', (value: string) => Buffer.from(`user: ${value}`).toString('hex')],
    ['a chunk border', (value: string) => `${'word '.repeat(1637)}${value} more`],
  ])('never survive in %s', (_, carry) => {
    const secrets = [
      'hunter2hunter2',
      'correct horse battery',
      'pa"ss\\w0rd',
      'größe-des-passworts',
      'пароль-и-слово',
      'パスワードです全部',
      'a b\nc d e f',
    ];
    const redactor = createRedactor({ known: secrets.map((value) => ({ value, rule: 'known-x' })) });
    for (const value of secrets) {
      const out = redactor.text(carry(value));
      const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
      expect(forms.filter((form) => out.includes(form))).toEqual([]);
      expect(out).toContain('[REDACTED:known-x]');
    }
  });

  it('may be many', () => {
    const known = Array.from({ length: 2000 }, (_, at) => ({ value: `${at}-value-${at * 7919}`, rule: 'known-many' }));
    expect(createRedactor({ known }).text('a 1999-value-15830081 b')).toBe('a [REDACTED:known-many] b');
  });

  it('hold the names of keys and of parts of ids as well', () => {
    const redactor = createRedactor({ known: [{ value: 'hunter2hunter2', rule: 'Not A Rule' }] });
    expect(redactor.json({ 'is hunter2hunter2': 1 })).toEqual({ 'is [REDACTED:known-value]': 1 });
  });
});
