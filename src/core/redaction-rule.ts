import * as z from 'zod';

/** A rule from a person's configuration. */
export const userRuleSchema = z.strictObject({
  /** The word in the placeholder. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'an id is lower-case letters, digits and -'),
  /** A JavaScript regular expression. The group named `secret`, or the first group, or else the whole match is replaced. */
  pattern: z.string().min(1).max(2000),
  /** Flags of the regular expression: `i`, `m`, `s`, `u`, `v`. */
  flags: z
    .string()
    .regex(/^[imsuv]{0,5}$/, 'flags are some of i, m, s, u, v')
    .optional(),
  /** The rule is tried only near one of these words (compared without case); without any it is tried everywhere. */
  keywords: z.array(z.string().min(1).max(64)).max(50).optional(),
  /** Texts that prove the rule when the redactor starts: those it must find, and those it must leave. */
  samples: z
    .union([z.array(z.string()), z.strictObject({ yes: z.array(z.string()), no: z.array(z.string()).optional() })])
    .optional(),
});
export type UserRule = z.infer<typeof userRuleSchema>;

/** A text that may stay although a rule finds it: the text itself, or more about it. */
export const allowRuleSchema = z.union([
  z.string().min(1),
  z.strictObject({
    value: z.string().min(1).optional(),
    /** A JavaScript regular expression that the whole found text must match. */
    pattern: z.string().min(1).max(2000).optional(),
    /** Only where this rule found it. */
    rule: z.string().optional(),
  }),
]);
export type AllowRule = z.infer<typeof allowRuleSchema>;
