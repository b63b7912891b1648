import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { families } from '../../src/redact/rules/table.ts';
import { carriers } from './carriers.ts';
import { fillParts } from './fill.ts';

interface Planted {
  readonly text: string;
  readonly secret: string;
  readonly rule: string;
  /** Nothing around it is needed to see what it is. */
  readonly plain: boolean;
}

/** Secrets by every rule we have, from their samples, none of them the same twice. */
function* plantedSecrets(): Generator<Planted> {
  for (let seed = 10; seed < 13; seed++) {
    for (const { rules, layer } of families) {
      for (const rule of rules) {
        for (const sample of rule.samples.yes) {
          const { text, secret } = fillParts(sample, seed);
          if (secret !== '' && !text.includes('\n'))
            yield { text, secret, rule: rule.id, plain: layer === 'provider' && !rule.inside };
        }
      }
    }
  }
}

const planted = [...plantedSecrets()];

describe('B59: planted secrets', () => {
  it('are many', () => {
    expect(planted.length).toBeGreaterThan(1200);
    expect(carriers.length).toBeGreaterThanOrEqual(20);
  });

  it.each(carriers.map((carrier) => [carrier.name, carrier] as const))('vanish from: %s', (_, carrier) => {
    const redactor = createRedactor();
    const secrets = carrier.breaksContext ? planted.filter(({ plain }) => plain) : planted;
    const left = secrets.filter(({ text, secret }) => {
      return carrier.shows(redactor.text(carrier.carry(text)), secret);
    });
    expect(left.length / secrets.length, [...new Set(left.map(({ rule }) => rule))].join(' ')).toBeLessThan(0.02);
  });
});
