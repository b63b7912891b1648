import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addBlock, hasBlock, removeBlock } from '../../src/core/marked-block.ts';

const marked = '# specstory >>>\necho hello\n# specstory <<<';
const add = (text: string, place: 'top' | 'end' = 'top') => addBlock(text, 'echo hello\n', place);

/** Texts as hooks are: shebangs, comments, line ends of both kinds or none, and any bytes. */
const line = fc.constantFrom(
  '#!/bin/sh',
  '# a comment',
  '',
  'set -e',
  'exit 1',
  'exec other "$@"',
  '\r',
  '#',
  ' # x',
  'caf\u00e9',
  '$&',
  "$'",
);
const hook = fc.oneof(
  fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n')),
  fc.array(line, { maxLength: 8 }).map((lines) => lines.map((text) => `${text}\r\n`).join('')),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

describe('addBlock', () => {
  it('goes behind the shebang and its comments, before anything that could end the script', () => {
    expect(add('#!/bin/sh\n# mine\n\nexec other\n')).toBe(`#!/bin/sh\n# mine\n${marked}\n\nexec other\n`);
    expect(add('exit 1\n')).toBe(`${marked}\nexit 1\n`);
    expect(add('')).toBe(`${marked}\n`);
    expect(add('#!/bin/sh')).toBe(`#!/bin/sh\n${marked}`);
  });

  it('goes to the end where there is no script', () => {
    expect(add('[core]\n\tbare = false\n', 'end')).toBe(`[core]\n\tbare = false\n${marked}\n`);
    expect(add('a: 1', 'end')).toBe(`a: 1\n${marked}`);
  });

  it('is undone byte for byte, and twice is once', () => {
    fc.assert(
      fc.property(hook, fc.constantFrom('top', 'end'), (text, place) => {
        const after = add(text, place);
        expect(hasBlock(after)).toBe(true);
        expect(add(after, place)).toBe(after);
        expect(removeBlock(after)).toBe(text);
        expect(removeBlock(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('replaces an older block where it stands', () => {
    const after = add('#!/bin/sh\nexit 0\n').replace('exit 0', 'echo more\nexit 0');
    const newer = addBlock(`# moved down\n${after}`, 'echo newer\n', 'top');
    expect(newer).toBe('# moved down\n#!/bin/sh\n# specstory >>>\necho newer\n# specstory <<<\necho more\nexit 0\n');
  });
});

describe('removeBlock', () => {
  it('leaves what was written around the block since', () => {
    expect(removeBlock(`${add('#!/bin/sh')}\nmake test\n`)).toBe('#!/bin/sh\nmake test\n');
    expect(removeBlock(`first\n${add('exit 1\n')}last\n`)).toBe('first\nexit 1\nlast\n');
  });

  it('leaves half a block alone', () => {
    expect(removeBlock('# specstory >>>\nexit 1\n')).toBe('# specstory >>>\nexit 1\n');
    expect(removeBlock('echo "# specstory >>>"\n# specstory <<<\n')).toBe('echo "# specstory >>>"\n# specstory <<<\n');
  });
});
