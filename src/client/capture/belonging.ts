import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { Known, Project } from '../../adapters/adapter.ts';
import { type AgentId, digest } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';

const lineSchema = z.tuple([z.string(), z.string(), z.boolean()]);

/**
 * Which sources belong to this repository, for agents that say so nowhere but inside the source: learnt once, kept in a
 * file of one line each, and forgotten when a worktree comes or goes.
 */
export class Belonging {
  private readonly path: string;
  private readonly roots: string;
  private readonly known = new Map<string, boolean>();
  private fresh = '';

  constructor(path: string, project: Project) {
    this.path = path;
    this.roots = digest([...project.roots].sort().join('\n'));
    const [roots, ...lines] = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    if (roots !== this.roots) return;
    for (const line of lines) {
      const entry = lineSchema.safeParse(parseJson(line));
      if (entry.success) this.known.set(`${entry.data[0]} ${entry.data[1]}`, entry.data[2]);
    }
  }

  /** What is known of one agent's sources. */
  of(agent: AgentId): Known {
    return {
      get: (key) => this.known.get(`${agent} ${key}`),
      set: (key, belongs) => {
        if (this.known.get(`${agent} ${key}`) === belongs) return;
        this.known.set(`${agent} ${key}`, belongs);
        this.fresh += `${JSON.stringify([agent, key, belongs])}\n`;
      },
    };
  }

  /** Keeps what was learnt. */
  save(): void {
    if (this.fresh === '') return;
    mkdirSync(dirname(this.path), { recursive: true });
    const isNew = !existsSync(this.path) || !readFileSync(this.path, 'utf8').startsWith(`${this.roots}\n`);
    if (isNew) writeFileSync(this.path, `${this.roots}\n${this.fresh}`);
    else appendFileSync(this.path, this.fresh);
    this.fresh = '';
  }
}
