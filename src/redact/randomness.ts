/** No token is longer than what is looked at here. */
const longest = 256;
const counts = new Uint16Array(128);

/** Bits per character of (the beginning of) a text, by the frequency of its characters. 0 for an empty text. */
export function entropy(text: string): number {
  const length = Math.min(text.length, longest);
  counts.fill(0);
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at) & 127;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / length) * Math.log2(count / length);
  return bits;
}

/** The pairs of letters that make up 93 % of English and of identifiers in code; chance makes them up to 32 %. */
const pairs = `ab ac ad ag ai al am an ap ar as at au av ay ba be bi bl bo bu ca cc ce ch ci ck cl co cr ct cu da de di do dr ds du ea ec
  ed ee ef eg el em en ep er es et ev ew ex fa fe ff fi fl fo fr fu ga ge gh gi gn gr gu ha he hi ho ia ib ic id ie if ig il im in io ip
  ir is it iv iz ke ki ks la ld le li ll lo ls lt lu ly ma me mi mm mo mp na nc nd ne nf ng ni nn no ns nt nu nv oa ob oc od og oi ok ol
  om on oo op or os ot ou ov ow pa pe pi pl po pp pr ps pt pu qu ra rc rd re rg ri rk rm rn ro rr rs rt ru ry sa sc se sh si sk so sp ss
  st su sy ta tc te th ti tl to tr ts tt tu ty ua ub uc ue ui ul um un up ur us ut va ve vi wa we wi wo wr xp xt ze`;
const usual = new Uint8Array(26 * 26);
for (const pair of pairs.split(/\s+/)) usual[(pair.charCodeAt(0) - 97) * 26 + pair.charCodeAt(1) - 97] = 1;

/** The part of a text (0 to 1) that reads like words: identifiers and paths are mostly words, tokens are not. */
export function wordiness(text: string): number {
  const length = Math.min(text.length, longest);
  let inWords = 0;
  for (let at = 0; at < length; ) {
    const end = wordEnd(text, at, length);
    if (isWord(text, at, end)) inWords += end - at;
    at = Math.max(end, at + 1);
  }
  return length === 0 ? 0 : inWords / length;
}

/** The end of the word that starts here: letters of one case, or lower case after one capital. */
function wordEnd(text: string, start: number, length: number): number {
  const capital = isUpper(text.charCodeAt(start));
  let at = capital ? start + 1 : start;
  while (at < length && isLower(text.charCodeAt(at))) at++;
  if (at > start + 1 || !capital) return at;
  while (at < length && isUpper(text.charCodeAt(at))) at++;
  return at;
}

/** Whether at least three letters are mostly usual pairs. */
function isWord(text: string, start: number, end: number): boolean {
  if (end - start < 3) return false;
  let found = 0;
  for (let at = start + 1; at < end; at++) {
    found += usual[((text.charCodeAt(at - 1) | 32) - 97) * 26 + (text.charCodeAt(at) | 32) - 97] ?? 0;
  }
  return found >= (end - start - 1) * 0.75;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** Whether a value looks made by a machine: enough different characters, digits among letters, and no words. */
export function looksRandom(value: string): boolean {
  if (value.length < 10 || wordiness(value) > 0.5) return false;
  if (/^[0-9a-f]{16,}$/i.test(value)) return /\d/.test(value) && entropy(value) > 2.5;
  const mixed = /\d/.test(value) ? /[A-Za-z]/.test(value) : turns(value) >= 4;
  return mixed && entropy(value) > 3;
}

/** Changes from lower to upper case that do not begin a word. */
function turns(value: string): number {
  return value.match(/[a-z][A-Z](?![a-z]{2})/g)?.length ?? 0;
}
