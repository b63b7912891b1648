import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchEdits } from '../../src/adapters/apply-patch.ts';
import { editSchema } from '../../src/core/session.ts';

const same = (path: string) => path;
const patch = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

describe('patchEdits', () => {
  it('reads every kind of change', () => {
    const text = patch(
      '*** Add File: new.txt',
      '+one',
      '+',
      '*** Delete File: old.txt',
      '*** Update File: a.ts',
      '@@ class A',
      ' keep',
      '-old',
      '+new',
      '',
      ' end',
      '*** Update File: from.ts',
      '*** Move to: to.ts',
      '@@',
      '-x',
      '+y',
      '*** End of File',
    );
    expect(patchEdits(text, (path) => `src/${path}`)).toEqual([
      { path: 'src/new.txt', change: 'add', diff: '@@ -0,0 +1,2 @@\n+one\n+', exact: true },
      { path: 'src/old.txt', change: 'delete', diff: '', exact: false },
      { path: 'src/a.ts', change: 'update', diff: '@@\n keep\n-old\n+new\n \n end', exact: false },
      { path: 'src/from.ts', change: 'move', to: 'src/to.ts', diff: '@@\n-x\n+y', exact: false },
    ]);
  });

  it('starts every hunk with a bare @@, also the first that has none and one behind two headings', () => {
    const [edit] = patchEdits(
      patch('*** Update File: a', '-1', '+2', '@@ class A', '@@ def b', '-3', '+4', '@@'),
      same,
    );
    expect(edit?.diff).toBe('@@\n-1\n+2\n@@\n-3\n+4');
  });

  it('finds patches in a shell command, and nothing around them', () => {
    const command = `cat '*** Update File: not.txt' && apply_patch <<'EOF'\n${patch('*** Add File: a', '+1')}\nEOF\n*** Add File: b\n`;
    const both = `${command}apply_patch "${patch('*** Delete File: c')}\n"`;
    expect(patchEdits(command, same).map((edit) => edit.path)).toEqual(['a']);
    expect(patchEdits(both.replace('apply_patch "', 'apply_patch "\n'), same).map((edit) => edit.path)).toEqual([
      'a',
      'c',
    ]);
    expect(patchEdits(`apply_patch '${patch('*** Add File: d', '+1')}'`, same).map((edit) => edit.path)).toEqual(['d']);
  });

  it('reads a patch without markers, with CRLF, or cut off', () => {
    expect(patchEdits('*** Update File: a\r\n@@\r\n-1\r\n+2\r\n', same)[0]?.diff).toBe('@@\n-1\n+2');
    expect(patchEdits('*** Begin Patch\n*** Update File: a\n-1', same)[0]?.diff).toBe('@@\n-1');
    expect(patchEdits('', same)).toEqual([]);
    expect(patchEdits('*** Add File: \n*** Update File:', same)).toEqual([]);
  });

  it('gives back the lines of a new file', () => {
    const line = fc.string().filter((text) => !/[\r\n]/.test(text) && text.isWellFormed() && !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const [edit] = patchEdits(patch('*** Add File: a', ...lines.map((text) => `+${text}`)), same);
        expect(edit?.diff.split('\n').slice(1)).toEqual(lines.map((text) => `+${text}`));
      }),
    );
  });

  it('makes edits that can be stored out of any text', () => {
    const pieces = fc.constantFrom(
      '*** Begin Patch',
      '*** End Patch',
      '*** Update File: a',
      '*** Move to: b',
      '@@',
      '+',
    );
    const text = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, (value) => {
        for (const edit of patchEdits(value, () => 'p')) expect(editSchema.safeParse(edit).error).toBeUndefined();
      }),
    );
  });
});
