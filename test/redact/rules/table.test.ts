import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Lexicon } from '../../../src/redact/lexicon.ts';
import type { Match } from '../../../src/redact/match.ts';
import { ownRules } from '../../../src/redact/open-text-redactor.ts';
import { ruleDetector, runRuleDetector } from '../../../src/redact/rule-detector.ts';
import type { Rule } from '../../../src/redact/rules/rule.ts';
import { families } from '../../../src/redact/rules/table.ts';
import { Scanner } from '../../../src/redact/scanner.ts';
import { fill } from '../fill.ts';

const rows = families.flatMap((family) => family.rules.map((rule) => ({ rule, layer: family.layer })));

/** A scanner with nothing but one rule. */
function only({ rule, layer }: (typeof rows)[number]): (text: string) => Match[] {
  const byWord = rule.keywords.length > 0;
  const runs = byWord ? [] : [runRuleDetector(rule, layer)];
  const lexicon = new Lexicon(byWord ? [ruleDetector(rule, layer)] : []);
  const scanner = new Scanner(lexicon, { runs, windows: [] }, { ms: 1000, clock: () => performance.now() });
  return (text) => scanner.scan(text);
}

describe('the table of rules', () => {
  it('has at least 120 rules for providers, with plain ids and keywords in ASCII', () => {
    expect(new Set(rows.filter(({ layer }) => layer === 'provider').map(({ rule }) => rule.id)).size).toBeGreaterThan(
      120,
    );
    for (const { rule } of rows) {
      expect(rule.id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      for (const word of rule.keywords) expect(word).toMatch(/^[\x20-\x7e]{2,40}$/);
    }
  });

  it('is in the documentation', () => {
    const page = readFileSync('docs/redaction.md', 'utf8');
    expect(ownRules().filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
  });

  it.each(rows.map((row) => [row.rule.id, row] as const))('%s finds its samples and nothing else', (_, row) => {
    const scan = only(row);
    const { yes, no } = row.rule.samples;
    expect(yes.length * no.length).toBeGreaterThan(0);
    for (const seed of [1, 2, 3]) {
      expect(yes.map((sample) => fill(sample, seed)).filter((text) => scan(text).length === 0)).toEqual([]);
      expect(no.map((sample) => fill(sample, seed)).filter((text) => scan(text).length > 0)).toEqual([]);
    }
  });

  it('is kept, tested and described without a text that one of its rules for providers finds', () => {
    const files = ['src/redact', 'test/redact', 'docs'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(?:ts|md)$/.test(name))
        .map((name) => readFileSync(join(folder, name), 'utf8')),
    );
    const sources = files.join('\n');
    const providers = rows.filter(({ rule, layer }) => layer === 'provider' && !rule.guess);
    expect(providers.filter((row) => only(row)(sources).length > 0).map(({ rule }) => rule.id)).toEqual([]);
  });

  it.each(rows.map((row) => [row.rule.id, row] as const))('%s takes time in proportion to the text', (_, row) => {
    const scan = only(row);
    for (const text of adversarial(row.rule)) {
      // Anything may be slow once.
      const quick = [1, 2, 3].some(() => milliseconds(() => scan(text)) < 500);
      expect(quick, text.slice(0, 80)).toBe(true);
    }
  });
});

const size = 100_000;

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Texts that make a careless expression of this rule try again and again. */
function adversarial(rule: Rule): string[] {
  const samples = rule.samples.yes.map((sample) => fill(sample));
  const words = rule.keywords.slice(0, 1);
  const heads = [...words, ...samples.slice(0, 2).flatMap((text) => [text, text.slice(0, -1)])];
  const fillers = ['a', ' -0'];
  return [
    ...heads.map((head) => head.repeat(Math.ceil(size / head.length))),
    ...words.flatMap((word) =>
      fillers.flatMap((filler) => [word + filler.repeat(size), ` ${word}${filler}`.repeat(size / 8).slice(0, size)]),
    ),
    ...words.map((word) => `${word}=${'x'.repeat(40)} `.repeat(size / 40).slice(0, size)),
  ];
}
