import { asText } from '../../core/json.ts';
import type { Fields } from './fields.ts';
import type { Own } from './own-state.ts';
import { recordNumber } from './record-number.ts';

/** Titles by how much they are worth: a person's before the agent's before a summary. */
const worth = { summary: 1, 'ai-title': 2, 'custom-title': 3 } as const;

export const isTitle = (type: string): boolean => Object.hasOwn(worth, type);

/** Summaries of other conversations pile up at the head of a file; no more than this many wait for their last record. */
const longest = 32;

/** A state, and the title it brought when it is the best so far. */
export interface Titled {
  readonly own: Own;
  readonly title?: string;
}

/** A record that gives a title. `isHere` says whether a record is one of the open exchange. */
export function afterTitle(own: Own, record: Fields, isHere: (number: number) => boolean): Titled {
  if (record.type === 'custom-title') return better(own, worth['custom-title'], asText(record.customTitle));
  if (record.type === 'ai-title') return better(own, worth['ai-title'], asText(record.aiTitle));
  const text = asText(record.summary)?.slice(0, 1000);
  const leaf = recordNumber(record.leafUuid);
  if (text === undefined || leaf === undefined) return { own };
  if (isHere(leaf)) return better(own, worth.summary, text);
  return { own: { ...own, summaries: [...own.summaries, { leaf, text }].slice(-longest) } };
}

/** A record that was read: a summary may have waited for it. */
export function afterLeaf(own: Own, number: number): Titled {
  const found = own.summaries.find(({ leaf }) => leaf === number);
  return found === undefined ? { own } : better(own, worth.summary, found.text);
}

function better(own: Own, value: number, title: string | undefined): Titled {
  return title === undefined || value < own.titled ? { own } : { own: { ...own, titled: value }, title };
}
