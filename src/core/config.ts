import * as z from 'zod';
import { SpecstoryError } from './errors.ts';
import { nearest } from './nearest.ts';
import { allowRuleSchema, userRuleSchema } from './redaction-rule.ts';
import { agentIdSchema } from './session.ts';

const namesSchema = z.array(z.string().min(1).max(4096)).max(10_000);

const captureSchema = z.strictObject({
  agents: z.array(agentIdSchema).describe('Agents whose conversations are captured, by id. Empty: all.'),
  raw: z.boolean().describe("Keep the agent's original records (redacted) beside the Markdown."),
  foreground: z
    .boolean()
    .describe('Hooks wait for the capture, at most 10 seconds, instead of leaving it to the background.'),
  mirror: z.boolean().describe('Also write sessions to .specstory/history/*.md in the working tree.'),
  ignorePaths: namesSchema.describe(
    'Globs of folders and session files that are never captured; ~/ is the home folder.',
  ),
  ignoreSessions: namesSchema.describe('Ids of sessions that are never captured.'),
});

const redactionSchema = z.strictObject({
  rules: z
    .array(userRuleSchema)
    .max(1000)
    .describe(
      'Rules beside the built-in ones: tables with id, pattern (a regular expression), flags, keywords and samples.',
    ),
  allow: z
    .array(allowRuleSchema)
    .max(10_000)
    .describe('What is not a secret: texts, or tables with value or pattern, and rule.'),
  entropy: z.boolean().describe('Also replace words that look random.'),
});

/** The tables of a file. */
export const sections = { capture: captureSchema, redaction: redactionSchema } as const;
export const settingsSchema = z
  .strictObject({ capture: captureSchema.partial(), redaction: redactionSchema.partial() })
  .partial();

/** The configuration that applies: every key has a value. `describeConfig` says what each one means. */
export interface Config {
  readonly capture: Readonly<z.infer<typeof captureSchema>>;
  readonly redaction: Readonly<z.infer<typeof redactionSchema>>;
}

/** What one file (or the flags of one command) sets. */
export type Settings = z.infer<typeof settingsSchema>;

/** Whose file it is: the person's own, or the one the team commits. */
export type Level = 'user' | 'project';

export const defaults: Config = {
  capture: { agents: [], raw: true, foreground: false, mirror: false, ignorePaths: [], ignoreSessions: [] },
  redaction: { rules: [], allow: [], entropy: true },
};

/** One key, for people. */
interface ConfigKey {
  /** As it is written in a file: `capture.ignore_paths`. */
  readonly key: string;
  readonly meaning: string;
  readonly default: unknown;
  /** The levels at which it may be set; `entropy` may be switched on, not off, by a project. */
  readonly levels: readonly Level[];
}

/** A key as the code needs it: its place in `Config` and what its value must be. */
export interface Definition extends ConfigKey {
  readonly section: keyof typeof sections;
  readonly name: string;
  readonly schema: z.ZodType;
}

export const definitions: readonly Definition[] = [
  ...define('capture', captureSchema.shape, defaults.capture),
  ...define('redaction', redactionSchema.shape, defaults.redaction),
];

function define(section: keyof typeof sections, shape: Record<string, z.ZodType>, values: object): Definition[] {
  const known = new Map(Object.entries(values));
  return Object.entries(shape).map(([name, schema]) => {
    const key = `${section}.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    const levels: readonly Level[] = key === 'redaction.allow' ? ['user'] : ['user', 'project'];
    return { key, section, name, schema, levels, meaning: schema.description ?? '', default: known.get(name) };
  });
}

/** Every key with its meaning, default and levels, in the order of the documentation. */
export function describeConfig(): readonly ConfigKey[] {
  return definitions;
}

/** The definition of a key as written in a file. Throws `usage` for an unknown one and names the nearest. */
export function configKey(key: string): Definition {
  const found = definitions.find((definition) => definition.key === key);
  if (found) return found;
  throw new SpecstoryError('usage', `there is no key ${key}`, { hint: suggestion(key) });
}

/** What may have been meant by a key that there is not. */
export function suggestion(key: string): string {
  const near = nearest(key, [...Object.keys(sections), ...definitions.map((definition) => definition.key)]);
  return near ? `did you mean ${near}?` : 'list all keys: specstory config';
}

/**
 * Settings in the order of their weight: flags over project over user over defaults. Lists of rules and of what is ignored
 * add up, so that no file can take back another's protection.
 */
export function mergeConfig(given: {
  readonly user?: Settings;
  readonly project?: Settings;
  readonly flags?: Settings;
}): Config {
  const layers = [given.flags ?? {}, given.project ?? {}, given.user ?? {}];
  const capture = layers.map((layer) => layer.capture ?? {});
  const redaction = layers.map((layer) => layer.redaction ?? {});
  return {
    capture: {
      agents: first(capture, 'agents') ?? defaults.capture.agents,
      raw: first(capture, 'raw') ?? defaults.capture.raw,
      foreground: first(capture, 'foreground') ?? defaults.capture.foreground,
      mirror: first(capture, 'mirror') ?? defaults.capture.mirror,
      ignorePaths: joined(capture.map((layer) => layer.ignorePaths)),
      ignoreSessions: joined(capture.map((layer) => layer.ignoreSessions)),
    },
    redaction: {
      rules: joined(redaction.map((layer) => layer.rules)),
      allow: joined(redaction.map((layer) => layer.allow)),
      entropy: first(redaction, 'entropy') ?? defaults.redaction.entropy,
    },
  };
}

function first<T, Key extends keyof T>(layers: readonly T[], key: Key): T[Key] | undefined {
  return layers.map((layer) => layer[key]).find((value) => value !== undefined);
}

function joined<T>(lists: readonly (readonly T[] | undefined)[]): T[] {
  return [...new Set(lists.flatMap((list) => list ?? []))];
}
