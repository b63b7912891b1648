import type { Layer } from '../match.ts';
import { addresses } from './addresses.ts';
import { ai } from './ai.ts';
import { chat } from './chat.ts';
import { cloud } from './cloud.ts';
import { codeHosts } from './code-hosts.ts';
import { commands } from './commands.ts';
import { headers } from './headers.ts';
import { infrastructure } from './infrastructure.ts';
import { keyMaterial } from './key-material.ts';
import { monitoring } from './monitoring.ts';
import { packages } from './packages.ts';
import { payment } from './payment.ts';
import type { Rule } from './rule.ts';
import { work } from './work.ts';

export interface Family {
  readonly name: string;
  readonly layer: Layer;
  readonly rules: readonly Rule[];
}

/** Every rule we bring, by family. */
export const families: readonly Family[] = [
  { name: 'clouds and hosting', layer: 'provider', rules: cloud },
  { name: 'code hosts and builds', layer: 'provider', rules: codeHosts },
  { name: 'models', layer: 'provider', rules: ai },
  { name: 'chat and mail', layer: 'provider', rules: chat },
  { name: 'payment and shops', layer: 'provider', rules: payment },
  { name: 'packages and images', layer: 'provider', rules: packages },
  { name: 'infrastructure', layer: 'provider', rules: infrastructure },
  { name: 'monitoring and analytics', layer: 'provider', rules: monitoring },
  { name: 'work and identity', layer: 'provider', rules: work },
  { name: 'keys', layer: 'key', rules: keyMaterial },
  { name: 'addresses', layer: 'address', rules: addresses },
  { name: 'headers', layer: 'header', rules: headers },
  { name: 'commands', layer: 'command', rules: commands },
];
