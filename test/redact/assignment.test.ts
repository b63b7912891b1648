import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';

const redact = (text: string) => createRedactor({ entropy: false }).text(text);

describe('values assigned to names of secrets', () => {
  it.each([
    ['DB_PASSWORD=hunter2hunter2', 'DB_PASSWORD=[REDACTED:password]'],
    ['export SMTP_PASS=correct-horse', 'export SMTP_PASS=[REDACTED:password]'],
    ['password: hunter2', 'password: [REDACTED:password]'],
    ['password: letmein\n', 'password: [REDACTED:password]\n'],
    ["const password = 'hunter2';", "const password = '[REDACTED:password]';"],
    ['{"password": "pa\\"ss w0rd"}', '{"password": "[REDACTED:password]"}'],
    ['"{\\"password\\": \\"hunter2\\"}"', '"{\\"password\\": \\"[REDACTED:password]\\"}"'],
    ["define('DB_PASSWORD', 'hunter2!');", "define('DB_PASSWORD', '[REDACTED:password]');"],
    ["$config['password'] = 'hunter2';", "$config['password'] = '[REDACTED:password]';"],
    ['<password>hunter2</password>', '<password>[REDACTED:password]</password>'],
    ['<add key="Password" value="hunter2"/>', '<add key="Password" value="[REDACTED:password]"/>'],
    [
      'Server=db;User Id=sa;Password=Hunter2!;Encrypt=no',
      'Server=db;User Id=sa;Password=[REDACTED:password];Encrypt=no',
    ],
    ['tool --password hunter2 --verbose', 'tool --password [REDACTED:password] --verbose'],
    ['tool --password=hunter2', 'tool --password=[REDACTED:password]'],
    [':password => "hunter2"', ':password => "[REDACTED:password]"'],
    ['password: str = "hunter2"', 'password: str = "[REDACTED:password]"'],
    ['password=hunter2&user=me', 'password=[REDACTED:password]&user=me'],
    ['The password is hunter2hunter2, I think', 'The password is [REDACTED:password], I think'],
    ['password: >-\n  hunter2hunter2\n', 'password: >-\n  [REDACTED:password]\n'],
    ['api_key = "9f8e7d6c5b4a39281"', 'api_key = "[REDACTED:api-key]"'],
    ['clientSecret: "aB3dE5gH7jK9"', 'clientSecret: "[REDACTED:secret]"'],
    ['refresh_token=aB3dE5gH7jK9mN1p', 'refresh_token=[REDACTED:token]'],
    ["define( 'AUTH_KEY', 'x|9 2;D(wZ~+k3#f@' );", "define( 'AUTH_KEY', '[REDACTED:secret-key]' );"],
    ['line\\nDB_PASSWORD=hunter2\\nNEXT=1', 'line\\nDB_PASSWORD=[REDACTED:password]\\nNEXT=1'],
    ['+DB_PASSWORD=hunter2', '+DB_PASSWORD=[REDACTED:password]'],
    ['     3→DB_PASSWORD=hunter2', '     3→DB_PASSWORD=[REDACTED:password]'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'password: string',
    'password?: string;',
    'password = getPassword()',
    'password = user.password',
    'password=${DB_PASSWORD}',
    'password=$DB_PASSWORD',
    'password: <your password>',
    'password=********',
    'password: "changeme"',
    'PASSWORD=your-password-here',
    'const token = process.env.API_TOKEN',
    "token = os.environ['TOKEN']",
    'token: nextToken',
    '"max_tokens": 4096',
    '"input_tokens": 123456789012',
    'tokenizer = "o200k_base_2024"',
    'token_url = "https://a.example/oauth2/token"',
    'password_hash_algorithm = "argon2id"',
    'secretName: my-tls-secret-2024',
    'PublicKeyToken=b77a5c561934e089',
    'PWD=/home/me/project2',
    'secret: vault:kv/data/app#key1',
    'if (password === confirmPassword) {',
    'type="password" name="login2"',
    'label: { password: "Password", token: "Token" }',
    '--- PASS: TestLogin2/empty_id (0.00s)',
    'all tests pass: Perfect!',
    'compass: north1234',
    'password: true, token: null',
    'password=[REDACTED:password]',
    'const apiKey = await loadApiKey(2)',
  ])('leaves %s', (text) => {
    expect(redact(text)).toBe(text);
  });
});
