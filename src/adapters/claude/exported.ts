import type { Host } from '../../core/host.ts';
import { asArray, asObject } from '../../core/json.ts';
import { headOf, peekDocument } from '../document-store.ts';

/**
 * The records in a file that is one document: an export of a session on claude.ai/code (`loglines`), or the list that
 * transcripts of early 2025 were. None for any other file.
 */
export function exportedRecords(host: Host, path: string): readonly unknown[] {
  if (!/^\s*\[|"loglines"\s*:\s*\[/.test(headOf(host, path))) return [];
  const document = peekDocument(host, path);
  return Array.isArray(document) ? document : asArray(asObject(document).loglines);
}
