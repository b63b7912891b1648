import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Known, Project } from '../../adapters/adapter.ts';
import { type AgentId, digest } from '../../core/ids.ts';
import { asArray, parseJsonLines } from '../../core/json.ts';
import { readText } from './read-text.ts';

/**
 * Which sources belong to this repository, for agents that say so nowhere but inside the source. Those that were captured
 * do; those found to be somebody else's are kept in a file of one line each, forgotten when a worktree comes or goes.
 */
export class Belonging {
  private readonly path: string;
  private readonly roots: string;
  private readonly isCaptured: (agent: AgentId, key: string) => boolean;
  private readonly foreign = new Set<string>();
  private readonly isNew: boolean;
  private fresh = '';

  constructor(path: string, project: Project, isCaptured: (agent: AgentId, key: string) => boolean) {
    this.path = path;
    this.isCaptured = isCaptured;
    this.roots = JSON.stringify(digest([...project.roots].sort().join('\n')));
    const text = readText(path);
    this.isNew = !text.startsWith(`${this.roots}\n`);
    if (this.isNew) return;
    for (const line of parseJsonLines(text.slice(this.roots.length + 1))) {
      const [agent, key] = asArray(line);
      if (typeof agent === 'string' && typeof key === 'string') this.foreign.add(`${agent} ${key}`);
    }
  }

  /** What is known of one agent's sources. */
  of(agent: AgentId): Known {
    return {
      get: (key) => (this.isCaptured(agent, key) ? true : this.foreign.has(`${agent} ${key}`) ? false : undefined),
      set: (key, belongs) => {
        if (belongs || this.foreign.has(`${agent} ${key}`)) return;
        this.foreign.add(`${agent} ${key}`);
        this.fresh += `${JSON.stringify([agent, key])}\n`;
      },
    };
  }

  /** Keeps what was learnt. A disk that cannot take it costs another look the next time, nothing else. */
  save(): void {
    if (this.fresh === '') return;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      if (this.isNew) writeFileSync(this.path, `${this.roots}\n${this.fresh}`);
      else appendFileSync(this.path, this.fresh);
    } catch {
      return;
    }
    this.fresh = '';
  }
}
