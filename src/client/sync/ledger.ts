import { mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { type SessionId, sessionFolder } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { readIfThere, replaceFile } from '../../platform/atomic-file.ts';
import type { Context } from '../context.ts';
import { ledgerFile } from './place.ts';

const doneSchema = z.strictObject({
  at: z.string(),
  /** As in `PushReport`, or `nothing`, `refused`, `failed`. */
  outcome: z.string(),
  reason: z.string().optional(),
});

const openSchema = z.strictObject({
  session: z.string(),
  /** `rejected` and `conflict` stay until the server takes the session; `deferred` and `unknown` until it is known what became of it. */
  status: z.enum(['rejected', 'conflict', 'deferred', 'unknown']),
  code: z.string().optional(),
  reason: z.string().optional(),
  at: z.string(),
});
/** A session that was sent and is not settled. */
export type OpenSession = z.infer<typeof openSchema>;

const ledgerSchema = z.strictObject({
  version: z.literal(1),
  lastPush: doneSchema.optional(),
  lastFetch: doneSchema.optional(),
  open: z.array(openSchema),
});
/**
 * What is remembered of a remote and cannot be read from the refs: how the last push and fetch ended, and what the server made of
 * sessions. What is unsent is never counted here.
 */
export type Ledger = z.infer<typeof ledgerSchema>;

const empty: Ledger = { version: 1, open: [] };

/** The ledger of a remote. A damaged one is put aside and forgotten: `lastPush` is missing then, which is not healthy. */
export async function readLedger(context: Context, remote: string, options = { mend: true }): Promise<Ledger> {
  const file = ledgerFile(context, remote);
  const text = await readIfThere(file);
  if (text === undefined) return empty;
  const parsed = ledgerSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  if (options.mend) renameSync(file, `${file}.damaged`);
  return empty;
}

export async function writeLedger(context: Context, remote: string, ledger: Ledger): Promise<void> {
  const file = ledgerFile(context, remote);
  mkdirSync(dirname(file), { recursive: true });
  await replaceFile(file, `${JSON.stringify(ledger, null, 2)}\n`);
}

/** Forgets what is remembered of sessions that were purged: nothing about them is open any more. */
export async function forgetOpen(context: Context, remote: string, gone: readonly SessionId[]): Promise<void> {
  const names = new Set<string>(gone.flatMap((id) => [id, sessionFolder(id)]));
  const ledger = await readLedger(context, remote);
  const open = ledger.open.filter(({ session }) => !names.has(session));
  if (open.length < ledger.open.length) await writeLedger(context, remote, { ...ledger, open });
}
