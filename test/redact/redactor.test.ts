import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { type Exchange, exchangeSchema, type SessionMeta, sessionMetaSchema } from '../../src/core/session.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { fill } from './fill.ts';

const token = fill('ghp_«w36»');
const other = fill('sk_live_«w24»');
const lineEnds = (text: string) => text.match(/\r\n|\r|\n/g) ?? [];

function keyBlock(lines: number, end: string): string {
  const body = Array.from({ length: lines }, (_, at) => fill('«s64»', at));
  return ['-----BEGIN RSA PRIVATE' + ' KEY-----', ...body, '-----END RSA PRIVATE' + ' KEY-----'].join(end);
}

describe('text', () => {
  it('loses the secret and nothing else', () => {
    expect(createRedactor().text(`use ${token}, please`)).toBe('use [REDACTED:github-token], please');
  });

  it('names a secret after the longest match, and after the surest of equally long ones', () => {
    expect(createRedactor().text(`password=${token}`)).toBe('password=[REDACTED:github-token]');
    expect(createRedactor().text(`Cookie: sid=${token}; a=${fill('«w30»')}`)).toBe('Cookie: [REDACTED:cookie-header]');
  });

  it.each(['\n', '\r\n'])('keeps the line ends of a private key (%j)', (end) => {
    const text = `a${end}${keyBlock(20, end)}${end}b`;
    const out = createRedactor().text(text);
    expect(out.split(end)).toEqual(['a', '[REDACTED:private-key]', ...Array.from({ length: 21 }, () => ''), 'b']);
  });

  it('B64: finds a private key on one line, in a diff, behind line numbers, across chunks and cut off', () => {
    const redactor = createRedactor({ entropy: false });
    expect(redactor.text(JSON.stringify({ key: keyBlock(10, '\n') }))).toBe('{"key":"[REDACTED:private-key]"}');
    const diff = keyBlock(3, '\n').replace(/^/gm, '+');
    expect(redactor.text(`@@ -0,0 +1,5 @@\n${diff}\n`)).toBe('@@ -0,0 +1,5 @@\n+[REDACTED:private-key]\n+\n+\n+\n+\n');
    const numbered = keyBlock(3, '\n')
      .split('\n')
      .map((line, at) => `  ${at + 1}→${line}`)
      .join('\n');
    expect(redactor.text(numbered)).toBe('  1→[REDACTED:private-key]\n  2→\n  3→\n  4→\n  5→');
    expect(redactor.text(`${'word '.repeat(1600)}\n${keyBlock(200, '\n')}`).trim()).toMatch(
      /word \n\[REDACTED:private-key\]$/,
    );
    expect(redactor.text(`${keyBlock(5, '\n').slice(0, 200)}\n\nnext paragraph`)).toBe(
      '[REDACTED:private-key]\n\n\n\n\nnext paragraph',
    );
  });

  it('leaves talk about private keys and public ones', () => {
    const text = `grep -c "-----BEGIN RSA PRIVATE KEY-----" x; echo "-----END RSA PRIVATE KEY-----"\n-----BEGIN PUBLIC KEY-----\n${fill('«s64»')}/+=`;
    expect(createRedactor({ entropy: false }).text(text)).toBe(text);
  });

  it('does not take what stands between the beginning of one key and the end of another', () => {
    const [begin = '', line = ''] = keyBlock(1, '\n').split('\n');
    const text = `${begin}\n${line}\nsome words about it\n${line.slice(0, 9)}\n-----END RSA PRIVATE KEY-----`;
    expect(createRedactor({ entropy: false }).text(text)).toBe(
      `[REDACTED:private-key]\n${text.slice(begin.length + line.length + 1)}`,
    );
  });

  it('is not fooled by a placeholder of another rule set', () => {
    const known = [{ value: 'hunter2hunter2', rule: 'known-pw' }];
    expect(createRedactor({ known }).text('[REDACTED:hunter2hunter2]')).toBe('[REDACTED:[REDACTED:known-pw]]');
  });

  it('is the same for the same text, seen again or not, and counts both', () => {
    const redactor = createRedactor();
    const text = `${'x '.repeat(40)}${token}`;
    expect(redactor.text(text)).toBe(redactor.text(text));
    expect(redactor.tally()).toEqual({ counts: { 'github-token': 2 }, withheld: 0 });
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    token,
    other,
    'password=',
    '"token": "',
    'Authorization: Bearer ',
    'Cookie: a=',
    '://u:pw0rd1@h',
    '[REDACTED:github-token]',
    '[REDACTED:',
    '[WITHHELD:redactor-timeout]',
    keyBlock(2, '\n'),
    '\\n',
    '\\"',
    '"',
    "'",
    '\r\n',
    '\n',
    '\u0000',
    '\ud800',
    '%3D',
    '\\u003d',
    '&quot;',
    Buffer.from(`token=${token}`).toString('base64'),
    'x'.repeat(9000),
    'curl -u me:',
    ' ',
    '=',
  ),
);
const hostileText = fc.array(hostile, { maxLength: 12 }).map((parts) => parts.join(''));

describe('whatever the text', () => {
  const redactor = createRedactor({ known: [{ value: 'canary-of-ours', rule: 'known-canary' }] });

  it('B63: a second run changes nothing', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const once = redactor.text(text);
        expect(createRedactor().text(once)).toBe(once);
      }),
    );
  });

  it('line ends stay', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(lineEnds(redactor.text(text))).toEqual(lineEnds(text));
      }),
    );
  });

  it('records stay JSON, and what holds no secret stays byte for byte', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(hostileText, fc.constantFrom('password', '__proto__', 'name', 'value')),
          fc.oneof(hostileText, fc.jsonValue()),
        ),
        (value) => {
          const line = JSON.stringify(value);
          const out = redactor.line(line, JSON.parse(line));
          expect(() => JSON.parse(out)).not.toThrow();
          expect(redactor.line(out, JSON.parse(out))).toBe(out);
        },
      ),
    );
  });

  it('the placeholder of a name does not make a secret of its value', () => {
    const key = keyBlock(2, '\n');
    const line = JSON.stringify({ [key]: 'password=\\u003d' });
    const out = redactor.line(line, {});
    expect(out).toContain('REDACTED:private-key');
    expect(redactor.line(out, {})).toBe(out);
  });

  it('a word that looks like a flag does not hide the name of a list', () => {
    const out = redactor.line('{"password":[["-A0-","!!!!"]]}', {});
    expect(out).toBe('{"password":[["[REDACTED:password]","[REDACTED:password]"]]}');
    expect(redactor.line(out, {})).toBe(out);
  });

  it('a known value never comes through', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (before, after) => {
        const text = `${before}canary-of-ours${after}`;
        expect(redactor.text(text)).not.toContain('canary-of-ours');
        expect(redactor.line(JSON.stringify({ text }), {})).not.toContain('canary-of-ours');
        expect(JSON.stringify(redactor.json({ [text]: [text] }))).not.toContain('canary-of-ours');
      }),
    );
  });
});

describe('line', () => {
  const redactor = createRedactor();

  it('changes only the strings with secrets', () => {
    const line = `\ufeff{ "a" : 1.0, "n": 12345678901234567890, "t": "x ${token} \\u00e9", "a": "\\/"}`;
    expect(redactor.line(line, {})).toBe(
      '\ufeff{ "a" : 1.0, "n": 12345678901234567890, "t": "x [REDACTED:github-token] é", "a": "\\/"}',
    );
  });

  it('sees what a repeated key hides from a parser', () => {
    const line = `{"a":"${token}","a":"fine"}`;
    expect(redactor.line(line, JSON.parse(line))).toBe('{"a":"[REDACTED:github-token]","a":"fine"}');
  });

  it('knows a secret by its key, its name or its flag', () => {
    const line = JSON.stringify({
      password: 'hunter2',
      env: [{ name: 'API_KEY', value: 'aB3dE5gH7jK9' }],
      argv: ['tool', '--password', 'hunter2', 'path'],
      headers: { authorization: `Bearer ${fill('«b40»')}` },
    });
    expect(JSON.parse(redactor.line(line, {}))).toEqual({
      password: '[REDACTED:password]',
      env: [{ name: 'API_KEY', value: '[REDACTED:api-key]' }],
      argv: ['tool', '--password', '[REDACTED:password]', 'path'],
      headers: { authorization: 'Bearer [REDACTED:bearer-token]' },
    });
  });

  it('takes a line that is not JSON as text', () => {
    expect(redactor.line(`{"a": "${token}`, undefined)).toBe('{"a": "[REDACTED:github-token]');
    expect(redactor.line(`not json ${token}`, 'a caller that is wrong')).toBe('not json [REDACTED:github-token]');
  });
});

describe('json and value', () => {
  const redactor = createRedactor();

  it('keeps keys apart and prototypes alone', () => {
    const value: Json = JSON.parse(`{"${token}": 1, "${fill('ghp_«w36»', 2)}": 2, "__proto__": {"x": "${token}"}}`);
    expect(JSON.stringify(redactor.json(value))).toBe(
      '{"[REDACTED:github-token]":1,"[REDACTED:github-token] (2)":2,"__proto__":{"x":"[REDACTED:github-token]"}}',
    );
  });

  it('gives back the very same value when nothing changed', () => {
    const value = { a: ['plain', { b: null }], c: 1 };
    expect(redactor.value(value)).toBe(value);
  });

  it('withholds what is nested too deeply to be looked at', () => {
    const deep: Json = JSON.parse(`${'['.repeat(20_000)}"${token}"${']'.repeat(20_000)}`);
    const out = redactor.json(deep);
    expect(JSON.stringify(out)).toContain('[WITHHELD:nested-too-deeply]');
  });
});

const id = fill('«w30»');
const sample = exchangeSchema.parse({
  id: '0123456789ab',
  startedAt: '2026-01-02T03:04:05.678Z',
  cwd: `/home/me/${token}`,
  branch: `try-${token}`,
  messages: [
    { role: 'user', id: 'msg_1', parts: [{ kind: 'text', text: `deploy with password=hunter2hunter2` }] },
    {
      role: 'agent',
      model: 'some-model',
      parts: [
        { kind: 'thinking', text: `Bearer ${fill('«w40»')}` },
        {
          kind: 'tool_call',
          id,
          name: 'Bash',
          type: 'shell',
          input: { command: `curl -u me:${fill('«w10»')} x`, env: { DB_PASSWORD: 'hunter2' }, id: token },
          edits: [{ path: `a/${token}.txt`, change: 'add', diff: `@@ -0,0 +1 @@\n+${other}\n`, exact: true }],
        },
        { kind: 'tool_result', call: id, ok: true, text: `out ${token}` },
        { kind: 'attachment', name: `${token}.png`, sha256: 'ab'.repeat(32) },
        { kind: 'note', label: 'command', text: other },
      ],
    },
  ],
});

describe('exchange and meta', () => {
  it('stay valid, with their ids', () => {
    const out: Exchange = createRedactor().exchange(sample);
    expect(exchangeSchema.parse(out)).toEqual(out);
    const text = JSON.stringify(out);
    for (const secret of [token, other, 'hunter2', fill('«w40»')]) expect(text).not.toContain(secret);
    const parts = out.messages[1]?.parts ?? [];
    expect(parts[1]).toMatchObject({ id });
    expect(parts[2]).toMatchObject({ call: id });
    expect(out).toMatchObject({ id: sample.id, startedAt: sample.startedAt, branch: 'try-[REDACTED:github-token]' });
  });

  it('are the same inside any value', () => {
    const redactor = createRedactor();
    expect(redactor.value({ meta: {}, exchanges: [sample] }).exchanges[0]).toEqual(redactor.exchange(sample));
  });

  it('lose a certain secret even from an id, in call and result alike', () => {
    const text = JSON.stringify(sample).replaceAll(id, token);
    const out: Exchange = createRedactor().exchange(exchangeSchema.parse(JSON.parse(text)));
    expect(JSON.stringify(out)).not.toContain(token);
    expect(out.messages[1]?.parts[2]).toMatchObject({ call: '[REDACTED:github-token]' });
    expect(exchangeSchema.safeParse(out).success).toBe(true);
  });

  it('keep the session apart and clean its title', () => {
    const meta: SessionMeta = sessionMetaSchema.parse({
      id: fill('«guid»'),
      agent: 'claude',
      title: `Use ${token}`,
      unknown: { [token]: 2 },
    });
    const out: SessionMeta = createRedactor().meta(meta);
    expect(out).toEqual({ ...meta, title: 'Use [REDACTED:github-token]', unknown: { '[REDACTED:github-token]': 2 } });
  });
});

describe('find', () => {
  it('says what would go, where and why, without the secret', () => {
    const text = `a ${token}\npassword: hunter2hunter2\n`;
    const found = createRedactor().find(text);
    expect(found.map(({ rule, layer, start, end }) => [rule, layer, text.slice(start, end)])).toEqual([
      ['github-token', 'provider', token],
      ['password', 'assignment', 'hunter2hunter2'],
    ]);
    expect(found.every(({ why }) => why !== '' && !why.includes('hunter2'))).toBe(true);
  });
});

describe('B62: what cannot be checked', () => {
  const slow = () => {
    let now = 0;
    return () => {
      now += 60;
      return now;
    };
  };

  it('is withheld, with its line ends, and counted', () => {
    const redactor = createRedactor({ clock: slow() });
    expect(redactor.text('one\npassword=hunter2hunter2\r\nthree')).toBe('[WITHHELD:redactor-timeout]\n\r\n');
    expect(redactor.tally()).toEqual({ counts: {}, withheld: 1 });
  });

  it('is tried a second time first', () => {
    let readings = 0;
    const clock = () => (readings++ === 1 ? 1000 : 0);
    expect(createRedactor({ clock }).text('password=hunter2hunter2')).toBe('password=[REDACTED:password]');
  });

  it('does not take the rest of the text with it', () => {
    // Two readings per try: the first two tries run over, the later ones do not.
    let readings = 0;
    const clock = () => (readings < 4 ? ++readings * 100 : 1000);
    const rest = `${'plain words and more of them\n'.repeat(600)}`;
    const out = createRedactor({ clock }).text(`password=hunter2hunter2\n${rest}`);
    expect(out.startsWith('[WITHHELD:redactor-timeout]\n')).toBe(true);
    expect(out.endsWith(rest.slice(-1000))).toBe(true);
    expect(lineEnds(out).length).toBe(601);
  });
});
