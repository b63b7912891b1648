import fc from 'fast-check';

// In CI every run draws the same examples, so that red means a change and not luck; anywhere else they are new each time.
// FC_RUNS looks further than usual: FC_RUNS=5000 npx vitest run --project unit test/redact
const runs = Number(process.env.FC_RUNS);
fc.configureGlobal({
  ...(process.env.CI ? { seed: 20_261_120 } : {}),
  ...(Number.isInteger(runs) && runs > 0 ? { numRuns: runs } : {}),
});
