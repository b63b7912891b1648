import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import * as commit from './commit.ts';
import * as cursor from './cursor.ts';
import type { Figure } from './figure.ts';
import * as ingest from './ingest.ts';
import * as live from './live.ts';
import * as postgresSearches from './postgres-search.ts';
import * as pushes from './push.ts';
import * as receives from './receive.ts';
import * as searches from './search.ts';
import * as syncs from './sync.ts';
import * as volume from './volume.ts';

// npm run bench [-- name …]: every figure of the README's promises, measured on this machine, printed and drawn.

const names = process.argv.slice(2);
const chosen = Object.entries({
  ...commit,
  ...volume,
  ...live,
  ...cursor,
  ...pushes,
  ...ingest,
  ...receives,
  ...searches,
  ...postgresSearches,
  ...syncs,
}).filter(([name]) => names.length === 0 || names.includes(name));

function isReached({ value, reach, atLeast }: Figure): boolean {
  return atLeast ? value >= reach : value <= reach;
}

/** How much of the allowed is used: a full bar is the limit. */
function bar(figure: Figure): string {
  const share = figure.atLeast
    ? figure.reach / figure.value
    : figure.reach === 0
      ? figure.value === 0
        ? 0
        : 2
      : figure.value / figure.reach;
  const cells = Math.max(0, Math.min(24, Math.round(share * 16)));
  return `${'█'.repeat(Math.min(cells, 16))}${'▓'.repeat(Math.max(0, cells - 16))}${'·'.repeat(Math.max(0, 16 - cells))}`;
}

function draw(figure: Figure): string {
  const sign = figure.atLeast ? '≥' : '≤';
  const value = `${Number(figure.value.toPrecision(3))} ${figure.unit}`.trim();
  const head = `${isReached(figure) ? '✓' : '✗'} ${figure.what}`;
  return `${head}\n    ${bar(figure).padEnd(25)} ${value} (${sign} ${figure.reach} ${figure.unit})${figure.note ? `  ${figure.note}` : ''}`;
}

const figures: Figure[] = [];
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}\n`);
for (const [name, scenario] of chosen) {
  process.stderr.write(`… ${name}\n`);
  for (const figure of await scenario()) {
    figures.push(figure);
    console.log(draw(figure));
  }
}
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/latest.json', `${JSON.stringify(figures, null, 2)}\n`);
