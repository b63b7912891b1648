import type { AllowRule, UserRule } from '../core/redaction-rule.ts';
import { assignments } from './assignment.ts';
import { encodedRuns } from './encoded-runs.ts';
import { entropyDetector } from './entropy-detector.ts';
import { escapedText } from './escaped-text.ts';
import { keyBlocks } from './key-block.ts';
import { knownDetectors } from './known-detector.ts';
import type { KnownValue } from './known-values.ts';
import { Lexicon } from './lexicon.ts';
import { secretWords } from './names.ts';
import { ruleDetector, runRuleDetector } from './rule-detector.ts';
import { families } from './rules/table.ts';
import { Scanner } from './scanner.ts';
import { TextRedactor } from './text-redactor.ts';
import { allowance, userDetector } from './user-rules.ts';

export interface RedactorOptions {
  /** Rules of the person or the team, beside ours. */
  readonly rules?: readonly UserRule[];
  /** Texts that may stay although a rule finds them. */
  readonly allow?: readonly AllowRule[];
  /** Values that must not be seen anywhere. */
  readonly known?: readonly KnownValue[];
  /** Whether words that look random are replaced; they are unless told otherwise. */
  readonly entropy?: boolean;
  /** Milliseconds one chunk of about 8 kB may take before it is withheld; 50 unless told. */
  readonly budgetMs?: number;
  /** Milliseconds from any start; for tests. */
  readonly clock?: () => number;
}

/** Nothing shorter is a secret by our rules: a value has a name before it. */
const shortest = 8;

/** A redactor of texts with our rules and these. Throws `config` for a bad rule. */
export function openTextRedactor(options: RedactorOptions): TextRedactor {
  const { rules = [], allow = [], entropy = true, budgetMs = 50, clock = () => performance.now() } = options;
  const budget = { ms: budgetMs, clock };
  const values = (options.known ?? []).map(({ value, rule }) => ({ value, rule: shownRule(rule) }));
  const known = knownDetectors(values);
  const table = families.flatMap((family) => family.rules.map((rule) => ({ rule, layer: family.layer })));
  const worded = table.filter(({ rule }) => rule.keywords.length > 0);
  const unworded = table.filter(({ rule }) => rule.keywords.length === 0);
  const words = [keyBlocks, ...worded.map(({ rule, layer }) => ruleDetector(rule, layer)), ...assignments];
  const runs = unworded.map(({ rule, layer }) => runRuleDetector(rule, layer));
  const windows = [...known.windows, ...rules.map((rule) => userDetector(rule, clock))];
  const decoders = escapedText((text) => plain.scan(text));
  const marks = [decoders, ...windows].flatMap(({ keywords }) => keywords ?? []);
  const lexicon = new Lexicon([...known.detectors, ...words], marks);
  const plain = new Scanner(lexicon, { runs, windows }, budget);
  const deep = [encodedRuns((text) => plain.scan(text)), ...(entropy ? [entropyDetector] : [])];
  const full = new Scanner(lexicon, { runs: [...runs, ...deep], windows: [...windows, decoders] }, budget);
  return new TextRedactor({
    lexicon,
    full,
    plain,
    allowed: allowance(allow, clock),
    ownRules: new Set([...ownRules(), ...values.map(({ rule }) => rule), ...rules.map(({ id }) => id)]),
    // A person's rule may find what is shorter than anything of ours.
    shortest: rules.length > 0 ? 1 : shortest,
  });
}

/** The ids of every rule we bring. */
export function ownRules(): readonly string[] {
  const fromTable = families.flatMap((family) => family.rules.map(({ id }) => id));
  return [...new Set([...fromTable, ...secretWords.map(({ rule }) => rule), 'private-key', 'high-entropy'])];
}

function shownRule(rule: string): string {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(rule) ? rule : 'known-value';
}
