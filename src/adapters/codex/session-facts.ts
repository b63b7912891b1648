import * as z from 'zod';
import { exchangeIdSchema } from '../../core/session.ts';

const text = z.string().min(1).optional().catch(undefined);
const object = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape).optional().catch(undefined);

/** The payload of `session_meta`, or the header line of the generations before it. Every field may be missing. */
const sessionFactsSchema = z.looseObject({
  id: text,
  timestamp: text,
  cwd: text,
  cli_version: text,
  git: object({ branch: text }),
  source: z
    .union([z.string(), z.looseObject({ subagent: z.unknown() })])
    .optional()
    .catch(undefined),
  forked_from_id: text,
  parent_thread_id: text,
  subagent_history_start_ordinal: z.number().optional().catch(undefined),
  history_base: object({
    thread_id: text,
    end_ordinal_exclusive: z.number().optional().catch(undefined),
    /** The exchange that it ends with: not in the file, found by `withBase`. */
    exchange: exchangeIdSchema.optional().catch(undefined),
  }),
});
export type SessionFacts = z.infer<typeof sessionFactsSchema>;

const spawnSchema = z.looseObject({ thread_spawn: z.looseObject({ parent_thread_id: z.string().min(1) }) });

/** What a `session_meta` says, leniently. */
export function sessionFacts(payload: unknown): SessionFacts {
  return sessionFactsSchema.safeParse(payload).data ?? {};
}

/** The thread that started this one as a sub-agent, and the one it is a fork of. */
export function lineage(facts: SessionFacts): { parent: string | undefined; forkedFrom: string | undefined } {
  const subagent = typeof facts.source === 'object' ? facts.source.subagent : undefined;
  const parent = facts.parent_thread_id ?? spawnSchema.safeParse(subagent).data?.thread_spawn.parent_thread_id;
  if (parent !== undefined) return { parent, forkedFrom: undefined };
  return { parent, forkedFrom: facts.forked_from_id ?? facts.history_base?.thread_id };
}

/** How the session was started, in Codex's word. */
export function originOf({ source }: SessionFacts): string | undefined {
  return typeof source === 'object' ? 'subagent' : source;
}

const turnFactsSchema = z.looseObject({ turn_id: text, cwd: text, model: text });

/** What a `turn_context` or the start of a turn says. */
export function turnFacts(payload: unknown): z.infer<typeof turnFactsSchema> {
  return turnFactsSchema.safeParse(payload).data ?? {};
}
