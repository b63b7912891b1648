import * as z from 'zod';

const listen = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]*):\d{1,5}$/, 'write host:port, such as 127.0.0.1:4747');
const publicUrl = z
  .url({ protocol: /^https?$/, error: 'write an address, such as https://history.example.org' })
  .refine((text) => !/[?#@]/.test(text), 'an address has no query and no password')
  .transform((text) => text.replace(/\/+$/, ''));
const basePath = z
  .string()
  .regex(/^(?:\/[A-Za-z0-9._~-]+)*\/?$/, 'write a path, such as /history')
  .transform((path) => path.replace(/\/$/, ''));
const bytes = z.int().min(1024);

/** Every setting of the server, what it is unless told, and what it means. */
export const settingsSchema = z.strictObject({
  listen: listen.default('127.0.0.1:4747').describe('Host and port to listen on; port 0 takes a free one.'),
  public_url: publicUrl
    .optional()
    .describe('Address under which people reach the server, if a proxy stands before it.'),
  base_path: basePath.default('').describe('Path below which the server answers.'),
  database_url: z.string().min(1).optional().describe('Database to use instead of SQLite in the data directory.'),
  trusted_proxies: z
    .array(z.string())
    .default([])
    .describe('Addresses and networks of proxies whose X-Forwarded-For is believed.'),
  log_level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('How much is logged.'),
  drain_seconds: z.number().min(0).max(3600).default(10).describe('How long requests may go on when the server ends.'),
  push_bytes: bytes.default(2 * 2 ** 30).describe('Bytes of one push.'),
  blob_bytes: bytes.default(64 << 20).describe('Bytes of one file in a push.'),
  session_bytes: bytes
    .max(2 ** 31)
    .default(2 ** 29)
    .describe("Bytes, unpacked, of one session that SpecStory's clients send."),
});

export type ServerSettings = z.infer<typeof settingsSchema>;
export type SettingName = keyof ServerSettings;

export const settingNames: readonly SettingName[] = settingsSchema.keyof().options;

/** The environment variable of a setting. */
export const variableOf = (name: SettingName): string => `SPECSTORY_${name.toUpperCase()}`;

/** The value of an environment variable in the type of its setting. */
export function fromVariable(name: SettingName, text: string): unknown {
  if (name === 'trusted_proxies') return text.split(',').map((entry) => entry.trim());
  const isNumber = ['drain_seconds', 'push_bytes', 'blob_bytes', 'session_bytes'].includes(name);
  return isNumber ? Number(text) : text;
}

/** A value as it may be shown: of the address of a database only where it is. */
export function shownSetting(name: SettingName, value: unknown): unknown {
  if (name !== 'database_url' || typeof value !== 'string') return value;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url?.host ? `${url.protocol}//…@${url.host}${url.pathname}` : '…';
}
