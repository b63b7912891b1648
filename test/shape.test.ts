import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapters } from '../src/adapters/index.ts';
import { agentLabel } from '../src/core/provider.ts';

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('the shape of the code', () => {
  it('lists, tests and gives fixtures to every adapter folder', () => {
    const folders = readdirSync('src/adapters', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(adapters.map(({ id }) => id).sort());
    for (const { name } of folders) {
      expect(existsSync(`test/adapters/${name}.test.ts`), name).toBe(true);
      expect(existsSync(`test/fixtures/${name}`) || name === 'cursoride', name).toBe(true);
    }
  });

  it('calls agents the same wherever they are named', () => {
    for (const { id, label } of adapters) expect(agentLabel(id)).toBe(label);
  });

  it('keeps source files short and named for what they are', () => {
    for (const path of files('src')) {
      expect(readFileSync(path, 'utf8').split('\n').length, path).toBeLessThanOrEqual(301);
      expect(path).not.toMatch(/(?:^|\/)(?:utils?|helpers?|common|misc|manager)(?:\/|\.|-)/);
    }
  });
});
