import type { Host } from '../core/host.ts';
import { nodeHost } from '../platform/host.ts';
import type { Redactor } from '../redact/redactor.ts';
import { loadConfig } from './settings/config.ts';
import { openRedactor } from './settings/open-redactor.ts';

/** What can be done without a repository: read files of this machine and redact by the person's own configuration. */
export function openMachine({ cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): { host: Host; redactor: Redactor } {
  const host = nodeHost({ env });
  return { host, redactor: openRedactor(host, loadConfig({ host }), [cwd]) };
}
