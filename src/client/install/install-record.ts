import path from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../core/json.ts';
import { readBytes } from './plan.ts';

const recordSchema = z.object({
  format: z.literal(1),
  /** Every file with something of ours, relative to the common git directory, so that a moved repository is still understood. */
  files: z.array(z.object({ path: z.string(), created: z.boolean() })).catch([]),
  /** Folders that we made, the outermost first. */
  folders: z.array(z.string()).catch([]),
});
type Stored = z.infer<typeof recordSchema>;

/** What an installation left where, kept in `specstory/install.json` of the common git directory. */
export interface InstallRecord {
  readonly files: ReadonlyMap<string, { readonly created: boolean }>;
  readonly folders: readonly string[];
}

/** The path of the record. */
export function recordFile(commonDir: string): string {
  return path.join(commonDir, 'specstory', 'install.json');
}

/** The record with absolute paths; `undefined` when there is none or it is damaged. */
export function readRecord(commonDir: string): InstallRecord | undefined {
  const stored = recordSchema.safeParse(parseJson(readBytes(recordFile(commonDir))?.toString('utf8') ?? ''));
  if (!stored.success) return undefined;
  const full = (file: string): string => path.resolve(commonDir, file);
  return {
    files: new Map(stored.data.files.map((entry) => [full(entry.path), { created: entry.created }])),
    folders: stored.data.folders.map(full),
  };
}

/** The text of a record. */
export function recordText(commonDir: string, record: InstallRecord): string {
  const relative = (file: string): string => path.relative(commonDir, file) || '.';
  const files = [...record.files].map(([file, { created }]) => ({ path: relative(file), created }));
  const stored: Stored = { format: 1, files, folders: record.folders.map(relative) };
  return `${JSON.stringify(stored, undefined, 2)}\n`;
}
