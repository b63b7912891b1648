import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../core/config.ts';
import type { Host } from '../../core/host.ts';
import {
  fromDotenv,
  fromEnvironment,
  fromIni,
  fromNetrc,
  fromNpmrc,
  type KnownValue,
} from '../../redact/known-values.ts';
import { createRedactor, type Redactor } from '../../redact/redactor.ts';

/** Larger ones are no files of settings. */
const maxSize = 256 << 10;

/** The redactor of a repository: built-in rules, the person's and the team's, and the secrets that lie around on this machine. They are held in memory only. */
export function openRedactor(host: Host, config: Config, roots: readonly string[]): Redactor {
  const { rules, allow, entropy } = config.redaction;
  return createRedactor({ rules, allow, entropy, known: knownValues(host, roots) });
}

function knownValues(host: Host, roots: readonly string[]): KnownValue[] {
  const inHome = (name: string) => (host.home === undefined ? undefined : read(join(host.home, name)));
  return [
    ...roots.flatMap((root) => dotenvFiles(root).flatMap((path) => fromDotenv(read(path) ?? ''))),
    ...fromNpmrc(inHome('.npmrc') ?? ''),
    ...fromNetrc(inHome('.netrc') ?? ''),
    ...fromIni(inHome('.aws/credentials') ?? ''),
    ...fromIni(inHome('.pypirc') ?? ''),
    ...fromEnvironment(
      Object.fromEntries(
        Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
    ),
  ];
}

/** `.env`, `.env.local`, `.envrc` … at the top of a working tree. Examples hold no secrets. */
function dotenvFiles(root: string): string[] {
  try {
    const names = readdirSync(root).filter((name) => /^\.env(?:rc|\..+)?$/.test(name));
    return names.filter((name) => !/example|sample|template/i.test(name)).map((name) => join(root, name));
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= maxSize ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
