import type { Bounds, NumberFilter } from '../query.ts';

/** What a suffix makes of a number; the rest is counted as it stands. */
const units: Readonly<Record<NumberFilter, Readonly<Record<string, number>>>> = {
  cost: {},
  tokens: { k: 1e3, m: 1e6 },
  exchanges: { k: 1e3 },
  duration: { s: 1, m: 60, min: 60, h: 3600, d: 86_400 },
};

/** Bounds as people write them (`>5`, `<=2k`, `2..8`, `..1h`, `5`), or `undefined` for what is none. */
export function parseBounds(filter: NumberFilter, value: string): Bounds | undefined {
  const range = /^(.*?)\.\.(.*)$/.exec(value);
  if (range) return parseRange(filter, range[1] ?? '', range[2] ?? '');
  const [, sign, text] = /^([<>]=?|=?)(.*)$/.exec(value) ?? [];
  const number = parseNumber(filter, text ?? '');
  if (number === undefined) return undefined;
  if (sign === '>') return { above: number };
  if (sign === '>=') return { least: number };
  if (sign === '<') return { below: number };
  return sign === '<=' ? { most: number } : { least: number, most: number };
}

/** Bounds as `parseBounds` reads them. */
export function printBounds({ least, above, most, below }: Bounds): string {
  if (above !== undefined) return `>${above}`;
  if (below !== undefined) return `<${below}`;
  if (least !== undefined && least === most) return `${least}`;
  return `${least ?? ''}..${most ?? ''}`;
}

function parseRange(filter: NumberFilter, from: string, to: string): Bounds | undefined {
  const [least, most] = [from, to].map((text) => (text === '' ? Number.NaN : parseNumber(filter, text)));
  if (least === undefined || most === undefined) return undefined;
  if (Number.isNaN(least)) return Number.isNaN(most) ? undefined : { most };
  if (Number.isNaN(most)) return { least };
  return { least: Math.min(least, most), most: Math.max(least, most) };
}

function parseNumber(filter: NumberFilter, text: string): number | undefined {
  const [, digits, unit = ''] = /^\$?(\d{1,15}(?:\.\d{1,9})?)([a-z]*)$/i.exec(text) ?? [];
  const factor = unit === '' ? 1 : units[filter][unit.toLowerCase()];
  if (digits === undefined || factor === undefined) return undefined;
  const number = Number(digits) * factor;
  return number < 1e15 ? Number(number.toFixed(6)) : undefined;
}
