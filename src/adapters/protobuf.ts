/** One field of a protobuf message: its number and a varint or the bytes of a string, blob or message. */
interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** The fields of a protobuf message. Ends quietly at the first byte that does not fit. Fixed-width fields are skipped. */
export function* fields(bytes: Uint8Array): Generator<Field> {
  for (let at = 0; at < bytes.length; ) {
    const key = varint(bytes, at);
    if (key === undefined || key.value < 8) return;
    const [number, type] = [Math.floor(key.value / 8), key.value % 8];
    const value = type === 1 || type === 5 ? undefined : varint(bytes, key.end);
    if (type === 0 && value) yield { number, value: value.value };
    if (type === 2 && value && value.end + value.value <= bytes.length)
      yield { number, value: bytes.subarray(value.end, value.end + value.value) };
    const end = { 0: value?.end, 1: key.end + 8, 2: value && value.end + value.value, 5: key.end + 4 }[type];
    if (end === undefined || end > bytes.length) return;
    at = end;
  }
}

/** The byte values of one field, in order. */
export function bytesOf(message: Uint8Array, number: number): Uint8Array[] {
  return [...fields(message)].flatMap((field) =>
    field.number === number && typeof field.value !== 'number' ? [field.value] : [],
  );
}

/** The last varint of one field. */
export function numberOf(message: Uint8Array, number: number): number | undefined {
  const found = [...fields(message)].findLast((field) => field.number === number && typeof field.value === 'number');
  return typeof found?.value === 'number' ? found.value : undefined;
}

/** The text of one field. */
export function textOf(message: Uint8Array, number: number): string | undefined {
  const bytes = bytesOf(message, number).at(-1);
  return bytes && new TextDecoder().decode(bytes);
}

function varint(bytes: Uint8Array, from: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = from; at < from + 10; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}
