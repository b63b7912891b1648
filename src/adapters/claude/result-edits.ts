import * as z from 'zod';
import { asObject, asText } from '../../core/json.ts';
import type { Edit } from '../../core/session.ts';
import { addition, fromHunks, type Hunk, rewrite } from '../edits.ts';
import type { Fields } from './fields.ts';
import type { Path } from './tool-edits.ts';

const count = z.number().int().nonnegative();
const hunksSchema = z.array(
  z.object({
    oldStart: count,
    oldLines: count,
    newStart: count,
    newLines: count,
    lines: z.array(z.string().regex(/^[ +\-\\][^\n]*$/)),
  }),
);

/**
 * What a tool did to a file, from `toolUseResult`: recorded hunks before whole contents. Empty when it does not tell.
 * `structuredPatch` is empty for a new file, and then `content` is all of it.
 */
export function resultEdits(result: unknown, path: Path): Edit[] {
  const fields = asObject(result);
  const edits = edited(fields, path);
  return fields.userModified === true ? edits.map((edit) => ({ ...edit, userModified: true })) : edits;
}

function edited(fields: Fields, path: Path): Edit[] {
  const file = asText(fields.filePath) ?? asText(fields.notebook_path);
  if (file === undefined || asText(fields.error) !== undefined) return [];
  const [before, after] = [fields.originalFile ?? fields.original_file, fields.content ?? fields.updated_file];
  const hunks = hunksOf(fields.structuredPatch);
  if (fields.type === 'create' || fields.oldString === '') {
    const content = fields.content ?? fields.newString;
    return typeof content === 'string' ? [addition(path(file), content)] : [];
  }
  if (hunks.length > 0) return [fromHunks(path(file), hunks)];
  return typeof before === 'string' && typeof after === 'string' ? [rewrite(path(file), before, after)] : [];
}

/** Hunks in the shape a diff can hold; one that is damaged spoils all, because lines would be missing. */
function hunksOf(patch: unknown): readonly Hunk[] {
  const { data } = hunksSchema.safeParse(patch);
  return data ?? [];
}
