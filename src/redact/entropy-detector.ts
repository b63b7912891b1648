import type { RunDetector } from './match.ts';
import { entropy, wordiness } from './randomness.ts';

const threshold = 4.5;
/** 2 to the power of the threshold: fewer characters cannot have so many bits. */
const shortest = 23;
/** Longer runs are images, signatures and archives. */
const longest = 200;

/** Ids and hashes that agents, package managers and formats write by the thousand. */
const known =
  /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?:sha(?:1|256|384|512)|md5)[-=:/_]|(?:[a-z]{2,12}_){0,2}(?:srvtoolu|toolu|tooluse|msg|req|call|resp|rs|fc|ctc|ws|item|run|thread|asst|file|ses|prt|gen|compl|chatcmpl|event|evt|cmpl|batch|step|turn|part|tool|user|org|project|acct|cus|sub|pi|pm|price|prod)[-_])|REDACTED/i;
const before =
  /(?:base64,|sha(?:1|256|384|512)["']?[ \t]?[:=-][ \t]?["']?|integrity["']?[:=] ?["']?|h1:|\bnonce-|%|:\/\/[^\s"'<>]{0,300})$/i;

/**
 * The last resort: a run of token characters with more than 4.5 bits per character, of at least three kinds of characters,
 * that is not made of words and not an id or a hash. Lower thresholds find identifiers by the thousand.
 */
export const entropyDetector: RunDetector = (text, runStart, runEnd, report) => {
  if (runEnd - runStart > longest + 8) return;
  let [start, end] = [runStart, runEnd];
  while (start < end && isMark(text.charCodeAt(start))) start++;
  while (end > start && isMark(text.charCodeAt(end - 1)) && text.charAt(end - 1) !== '=') end--;
  if (!isMixed(text, start, end)) return;
  // `KEY=value` is one run: what counts is the value.
  const name = /^\w{1,40}=+(?=[^=])/.exec(text.slice(start, end));
  if (name) start += name[0].length;
  const run = text.slice(start, end);
  if (run.length < shortest || run.length > longest || isOrdinary(run)) return;
  const bits = entropy(run);
  if (bits <= threshold || before.test(text.slice(Math.max(0, runStart - 320), runStart))) return;
  const why = `has ${bits.toFixed(1)} bits per character and no words`;
  report({ start, end, rule: 'high-entropy', layer: 'entropy', why });
};

/** Whether there are digits and two other kinds of characters. Asked of every long run, so it makes no strings. */
function isMixed(text: string, start: number, end: number): boolean {
  let kinds = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    kinds |= isMark(code) ? 1 : code < 58 ? 2 : code < 91 ? 4 : 8;
    if (kinds >= 14 || kinds === 7 || kinds === 11) return end - start >= shortest;
  }
  return false;
}

function isMark(code: number): boolean {
  return code === 43 || code === 45 || code === 47 || code === 61 || code === 95;
}

function isOrdinary(run: string): boolean {
  if (known.test(run) || wordiness(run) > 0.4) return true;
  // A path has words between its slashes; lists and dates have many marks; alphabets and test data go up in order.
  if (run.split('/').some((part) => /^[A-Za-z]{3,}$/.test(part) && wordiness(part.toLowerCase()) === 1)) return true;
  const marks = run.match(/[+/_=-]/g)?.length ?? 0;
  return marks > run.length / 5 || /abcdef|ABCDEF|012345|qwerty/.test(run);
}
