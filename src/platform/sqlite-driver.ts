import { createRequire } from 'node:module';
import * as z from 'zod';
import type { Column, Row } from '../core/host.ts';

/** What both drivers have in common and we use. */
export interface Driver {
  prepare(sql: string): Statement;
  close(): void;
}

export interface Statement {
  iterate(...parameters: Column[]): Iterable<unknown>;
  all(...parameters: Column[]): unknown[];
  run(...parameters: Column[]): { readonly changes: number | bigint };
}

const require = createRequire(import.meta.url);

type Connect = new (address: string, options?: { readOnly: boolean }) => Driver;

/** `node:sqlite` where Node has it (22.5 and newer), else libsql, which comes prebuilt from the npm registry. */
export function connect(address: string, options: { readOnly: boolean }): Driver {
  const Builtin = builtinDriver();
  if (Builtin) return new Builtin(address, options);
  const Libsql: Connect = require('libsql');
  return new Libsql(address);
}

/** Node 22 warns that its module is experimental when it is loaded: not news to the person who runs us. */
function builtinDriver(): Connect | undefined {
  const warn = process.emitWarning;
  process.emitWarning = () => {};
  try {
    const found: { DatabaseSync?: Connect } | undefined = process.getBuiltinModule?.('node:sqlite');
    return found?.DatabaseSync;
  } finally {
    process.emitWarning = warn;
  }
}

/** libsql gives blobs as bare buffers. */
const bufferSchema = z.instanceof(ArrayBuffer).transform((buffer) => new Uint8Array(buffer));
const columnSchema = z.union([z.string(), z.number(), z.bigint(), z.null(), z.instanceof(Uint8Array), bufferSchema]);
const rowSchema = z.record(z.string(), columnSchema);

/** A row as a plain object, the same from both drivers. */
export function plainRow(value: unknown): Row {
  // libsql adds `_metadata` to rows it gives one at a time; it is not a column.
  const { _metadata, ...columns } = Object(value);
  return rowSchema.parse(columns);
}
