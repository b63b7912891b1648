import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/core/json.ts';
import { createRedactor } from '../../src/redact/redactor.ts';

const corpus = process.env.SPECSTORY_CORPUS;
if (!corpus) console.info('SPECSTORY_CORPUS is not set: real transcripts are not redacted');

/** Records of every transcript: lines of JSONL, whole files otherwise. */
function* records(folder: string): Generator<string> {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.jsonl$/.test(name)) yield* readFileSync(join(folder, name), 'utf8').split('\n');
    else if (/\.(?:json|md)$/.test(name)) yield readFileSync(join(folder, name), 'utf8');
  }
}

describe.runIf(corpus)('real transcripts', () => {
  it('lose almost nothing, stay JSON, and are settled by one run', { timeout: 60_000 }, () => {
    const redactor = createRedactor();
    let size = 0;
    for (const record of records(corpus ?? '')) {
      const out = redactor.line(record, parseJson(record));
      size += record.length;
      if (out === record) continue;
      expect(parseJson(out) === undefined).toBe(parseJson(record) === undefined);
      expect(createRedactor().line(out, parseJson(out))).toBe(out);
    }
    const { counts, withheld } = redactor.tally();
    console.info(`${(size / 1e6).toFixed(1)} MB: ${JSON.stringify(counts)}`);
    expect(withheld).toBe(0);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBeLessThan((3 * size) / 1e6);
  });
});
