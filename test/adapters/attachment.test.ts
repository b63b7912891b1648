import { describe, expect, it } from 'vitest';
import { attachment } from '../../src/adapters/attachment.ts';
import { digest } from '../../src/core/ids.ts';

describe('attachment', () => {
  const known = { kind: 'attachment', bytes: 5, sha256: digest('hello') };

  it('measures and hashes content in each of its forms', () => {
    const forms = ['aGVsbG8=', 'data:image/png;base64,aGVsbG8=', new TextEncoder().encode('hello')];
    for (const content of forms) expect(attachment({ content })).toEqual(known);
  });

  it('says only what is known', () => {
    expect(attachment({ name: 'a\0.png', mime: 'image/png' })).toEqual({
      kind: 'attachment',
      name: 'a\u2400.png',
      mime: 'image/png',
    });
    expect(attachment({ content: 'not Base64!' })).toEqual({ kind: 'attachment' });
  });
});
